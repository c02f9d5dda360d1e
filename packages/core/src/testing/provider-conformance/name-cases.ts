// Conformance cases: the names that a provider and its keys have, and how it sorts failures.
import assert from 'node:assert/strict'
import { sameBytes } from '../../bytes/index.ts'
import { parseKeyId } from '../../envelope/index.ts'
import { casesOf, type ProviderConformanceCase } from './case.ts'
import { currentOf } from './check.ts'

const idCases = casesOf({
  about: 'id',
  cases: {
    async 'is a text that stays the same'({ provider }) {
      const { id } = provider
      assert.ok(typeof id === 'string' && id.length > 0, 'the id must be a text that is not empty')
      await provider.currentKeyIds()
      assert.equal(provider.id, id)
    },
  },
})

const canonicalCases = casesOf({
  about: 'canonicalKeyId',
  requires: ({ canonicalKeyId }) => canonicalKeyId !== undefined,
  cases: {
    async 'gives a name that has itself as its name'({ provider }) {
      for (const keyId of [...(await currentOf(provider)), 'of-a-stranger#1', 'of-a-stranger']) {
        const name = provider.canonicalKeyId?.(keyId) ?? ''
        assert.equal(provider.canonicalKeyId?.(name), name)
      }
    },
  },
})

const fingerprintCases = casesOf({
  about: 'fingerprints',
  requires: ({ fingerprints }) => fingerprints !== undefined,
  cases: {
    async 'have 8 bytes by key id, the same each time'({ provider }) {
      const [first, second] = [await provider.fingerprints?.(), await provider.fingerprints?.()]
      for (const [keyId, fingerprint] of first ?? []) {
        assert.doesNotThrow(() => parseKeyId(keyId), 'a fingerprint stands under no key id')
        assert.equal(fingerprint.length, 8)
        assert.ok(sameBytes(second?.get(keyId) ?? new Uint8Array(), fingerprint), 'a fingerprint has changed')
      }
      assert.equal(second?.size, first?.size)
    },
  },
})

const classifyCases = casesOf({
  about: 'classify',
  requires: ({ classify }) => classify !== undefined,
  cases: {
    async 'sorts whatever is thrown, and what it does not know is transient'({ provider }) {
      for (const thrown of [new Error('unknown'), new TypeError('unknown'), 'a text', undefined, null, {}])
        assert.equal(provider.classify?.(thrown), 'transient')
    },
  },
})

export const nameCases: readonly ProviderConformanceCase[] = [
  ...idCases,
  ...canonicalCases,
  ...fingerprintCases,
  ...classifyCases,
]
