// Key providers that break their contract in one way, with the case that has to notice.
import type { KeyProvider } from '../../src/contracts/index.ts'
import { brokenCallProviders } from './broken-call-providers.ts'
import { brokenServiceProviders } from './broken-service-providers.ts'
import { brokenUnwrapProviders } from './broken-unwrap-providers.ts'
import { brokenWrapProviders } from './broken-wrap-providers.ts'

/** A provider that breaks the contract. */
export interface BrokenProvider {
  /** What it does wrong. */
  readonly broken: string
  /** The name of the case that fails. */
  readonly caught: string
  /** What is replaced of a sound provider. Made once for each case. */
  readonly part: (sound: SoundProvider) => Partial<KeyProvider>
}

/** A provider that has every part of the contract. */
export type SoundProvider = Required<KeyProvider>

export const brokenProviders: readonly BrokenProvider[] = [
  ...brokenWrapProviders,
  ...brokenUnwrapProviders,
  ...brokenServiceProviders,
  ...brokenCallProviders,
]
