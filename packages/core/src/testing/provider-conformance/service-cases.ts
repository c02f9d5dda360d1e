// Conformance cases: data keys that the key service makes, and wraps that it makes again.
import assert from 'node:assert/strict'
import { copyBytes, sameBytes } from '../../bytes/index.ts'
import { casesOf, type ProviderConformanceCase } from './case.ts'
import {
  assertFails,
  assertNames,
  assertOpens,
  currentOf,
  integrityCodes,
  keyIdsOf,
  outcomeOf,
  sampleKeyScope,
  sampleRequest,
  wrapsOf,
} from './check.ts'

const generateCases = casesOf({
  about: 'generate',
  requires: ({ generate }) => generate !== undefined,
  cases: {
    async 'gives 32 bytes, and records that name them and open to them'(subject) {
      const { dekId, scope } = sampleRequest()
      const generated = await subject.provider.generate?.({ dekId, scope })
      assert.ok(generated !== undefined, 'there must be a data key')
      assert.equal(generated.dek.length, 32, 'a data key has 32 bytes')
      const dek = copyBytes(generated.dek)
      // The caller wipes it, and what opens later is the same all the same.
      generated.dek.fill(0)
      assertNames(generated.wraps, { dek, dekId })
      await assertOpens(subject, generated.wraps, { dek, scope })
    },
    async 'never gives one data key twice'({ provider }) {
      const seen = new Set<string>()
      const { dekId, scope } = sampleRequest()
      for (let count = 1; count <= 5; count += 1) {
        const generated = await provider.generate?.({ dekId, scope })
        seen.add(Buffer.from(generated?.dek ?? []).toString('hex'))
        assert.ok(seen.size === count, 'one data key was given twice')
      }
    },
  },
})

const rewrapCases = casesOf({
  about: 'rewrap',
  requires: ({ rewrap }) => rewrap !== undefined,
  cases: {
    async 'keeps the data key, and gives the wraps of now'(subject) {
      const { provider, older = provider } = subject
      const request = sampleRequest()
      const next = (await provider.rewrap?.(await wrapsOf(older, request), request.scope)) ?? []
      assertNames(next, request)
      assert.deepEqual(keyIdsOf(next), await currentOf(provider))
      await assertOpens(subject, next, request)
    },
    async 'leaves the wraps of now as they are'({ provider }) {
      const wraps = await wrapsOf(provider)
      const next = (await provider.rewrap?.(wraps.map(copyBytes), sampleKeyScope())) ?? []
      assert.equal(next.length, wraps.length)
      for (const record of wraps)
        assert.ok(
          next.some((other) => sameBytes(other, record)),
          'a current wrap was made again',
        )
    },
    async 'refuses a wrap of another scope'({ provider, older }) {
      if (older === undefined) return
      const wraps = await wrapsOf(older)
      const outcome = await outcomeOf(provider, () => provider.rewrap?.(wraps, sampleKeyScope({ owner: 'bob' })))
      assertFails(outcome, integrityCodes, 'a wrap of another owner')
    },
  },
})

export const serviceCases: readonly ProviderConformanceCase[] = [...generateCases, ...rewrapCases]
