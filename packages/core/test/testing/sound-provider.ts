// A key provider in memory that has every part of the contract, and how tests break one of them.
import { randomBytes } from 'node:crypto'
import type { KeyProvider } from '../../src/contracts/index.ts'
import { parseWrappedKey } from '../../src/envelope/index.ts'
import { keyRing } from '../../src/providers/index.ts'
import type { ProviderUnderTest } from '../../src/testing/index.ts'
import { keyOf } from '../providers/fixtures.ts'

/** A provider that has every part of the contract. */
export type SoundProvider = Required<KeyProvider>

/** A provider that breaks the contract. */
export interface BrokenProvider {
  /** What it does wrong. */
  readonly broken: string
  /** The name of the case that fails. */
  readonly caught: string
  /** What is replaced of a sound provider. Made once for each case. */
  readonly part: (sound: SoundProvider) => Partial<KeyProvider>
}

const oldKeys = { 'main#1': keyOf('main 1') }
/** The key that new wraps are made under. */
export const currentKey = keyOf('main 2')
const older = keyRing({ current: 'main#1', keys: oldKeys })

export function soundProvider(): SoundProvider {
  const ring = keyRing({ current: 'main#2', keys: { ...oldKeys, 'main#2': currentKey } })
  const keyIdOf = (record: Uint8Array): string => parseWrappedKey(record).keyId
  return {
    ...ring,
    fingerprints: () => ring.fingerprints?.() ?? new Map(),
    canonicalKeyId: (keyId) => keyId.replace('alias-of-', ''),
    classify: () => 'transient',
    async generate(request) {
      const dek = randomBytes(32)
      return { dek, wraps: await ring.wrap({ ...request, dek }) }
    },
    async rewrap(wraps, scope) {
      const current = wraps.find((record) => keyIdOf(record) === 'main#2')
      if (current !== undefined) return [current]
      const [record = new Uint8Array()] = wraps
      const dek = await ring.unwrap(record, scope)
      return ring.wrap({ dek, dekId: parseWrappedKey(record).dekIdBytes, scope })
    },
  }
}

/** What a case is given for a provider. */
export function subjectOf(provider: KeyProvider): ProviderUnderTest {
  return { provider, older, secrets: [currentKey], cleanup: async () => {} }
}
