// What a conformance case of key providers is, and what a provider brings to be tested.
import type { KeyProvider } from '../../contracts/index.ts'
import { type CaseGroup, casesAbout } from '../cases.ts'

/** A key provider and what the cases need around it. */
export interface ProviderUnderTest {
  readonly provider: KeyProvider
  /** The provider as it was before a rotation: `provider` opens its wraps and makes none under its key any more. */
  readonly older?: KeyProvider
  /** Opens the wraps that `provider` can only make, such as those to the public half of a recovery key. */
  readonly opener?: KeyProvider
  /** The bytes of the keys that are held in this process. No error and no property may have them. */
  readonly secrets?: readonly Uint8Array[]
  /** From now on the key service takes calls and does not answer. */
  hang?(): void
  /** Frees what the factory made, and ends `hang`. Called once, after the case. */
  cleanup(): Promise<void>
}

/** Makes a provider whose key may be the same each time. */
export type ProviderFactory = () => Promise<ProviderUnderTest>

/** One behaviour of the contract of key providers. */
export interface ProviderConformanceCase {
  /** A sentence that starts with the part of the provider it is about. */
  readonly name: string
  /** When present and false, the case does not apply, and `run` does nothing. */
  readonly requires?: (provider: KeyProvider) => boolean
  /** Rejects with an `AssertionError` when the provider breaks the contract. */
  run(factory: ProviderFactory): Promise<void>
}

/** Cases that make a provider, test it and clean up. */
export const casesOf: (group: CaseGroup<ProviderUnderTest, KeyProvider>) => readonly ProviderConformanceCase[] =
  casesAbout(({ provider }: ProviderUnderTest) => provider)
