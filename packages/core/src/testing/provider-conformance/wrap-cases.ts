// Conformance cases: what a wrap is, what opens it, and that it holds nothing of its caller.
import assert from 'node:assert/strict'
import { copyBytes, sameBytes } from '../../bytes/index.ts'
import { scribble } from '../conformance/check.ts'
import { casesOf, type ProviderConformanceCase } from './case.ts'
import { assertNames, assertOpens, currentOf, keyIdsOf, open, sampleKeyScope, sampleRequest, wrapsOf } from './check.ts'

const scopesByName = {
  'the audit root': sampleKeyScope({ kind: 'audit', server: '', owner: '' }),
  'an archive': sampleKeyScope({ kind: 'archive', server: '', owner: '' }),
  'names beyond ASCII': sampleKeyScope({ server: 'größe', owner: 'Zoë 🗝 / # :' }),
  'long names': sampleKeyScope({ server: 's'.repeat(255), owner: 'o'.repeat(255) }),
}

const wrapCases = casesOf({
  about: 'wrap',
  cases: {
    async 'gives one to eight records that name the data key and its check value'({ provider }) {
      const request = sampleRequest()
      assertNames(await wrapsOf(provider, request), request)
    },
    async 'gives records each of which opens to the same 32 bytes, as often as it is asked'(subject) {
      const wraps = await wrapsOf(subject.provider)
      await assertOpens(subject, [...wraps, ...wraps])
    },
    async 'keeps the data keys of many calls apart, one after another and at the same time'(subject) {
      const request = (index: number) => sampleRequest(`data key ${index}`)
      const wraps = new Map<number, readonly Uint8Array[]>()
      for (const index of [1, 2, 3]) wraps.set(index, await wrapsOf(subject.provider, request(index)))
      await Promise.all(
        [4, 5, 6].map(async (index) => wraps.set(index, await wrapsOf(subject.provider, request(index)))),
      )
      for (const [index, records] of wraps) {
        assertNames(records, request(index))
        await assertOpens(subject, records, request(index))
      }
    },
    async 'takes the names of every scope'(subject) {
      for (const [name, scope] of Object.entries(scopesByName)) {
        const request = sampleRequest(name, scope)
        await assertOpens(subject, await wrapsOf(subject.provider, request), request)
      }
    },
    async 'neither keeps nor changes what it is lent'(subject) {
      const request = sampleRequest()
      const wraps = await wrapsOf(subject.provider, request)
      const expected = sampleRequest()
      assert.ok(sameBytes(request.dek, expected.dek), 'the data key was changed')
      assert.ok(sameBytes(request.dekId, expected.dekId), 'the id of the data key was changed')
      assert.ok(sameBytes(request.scope.vaultId, expected.scope.vaultId), 'the id of the vault was changed')
      request.dek.fill(0)
      await assertOpens(subject, wraps)
      await assertOpens(subject, await wrapsOf(subject.provider))
    },
    async 'gives records that a caller may overwrite'(subject) {
      scribble([...(await wrapsOf(subject.provider))])
      await assertOpens(subject, await wrapsOf(subject.provider))
    },
  },
})

const unwrapCases = casesOf({
  about: 'unwrap',
  cases: {
    async 'gives fresh memory, and leaves the record as it is'(subject) {
      for (const record of await wrapsOf(subject.provider)) {
        const before = copyBytes(record)
        const first = await open(subject, record)
        assert.ok(sameBytes(record, before), 'the record was changed')
        const second = await open(subject, record)
        first.fill(0)
        assert.ok(sameBytes(second, sampleRequest().dek), 'two results share their memory')
        second.fill(0)
        await assertOpens(subject, [record])
      }
    },
    async 'opens what was wrapped before a rotation'(subject) {
      if (subject.older !== undefined) await assertOpens(subject, await wrapsOf(subject.older))
    },
  },
})

const currentCases = casesOf({
  about: 'currentKeyIds',
  cases: {
    async 'are exactly the key ids of the wraps that are made now'({ provider, older }) {
      const current = await currentOf(provider)
      assert.deepEqual(keyIdsOf(await wrapsOf(provider)), current)
      const { dekId, scope } = sampleRequest()
      const generated = await provider.generate?.({ dekId, scope })
      if (generated !== undefined) assert.deepEqual(keyIdsOf(generated.wraps), current)
      if (older !== undefined) assert.notDeepEqual(keyIdsOf(await wrapsOf(older)), current)
    },
  },
})

export const wrappingCases: readonly ProviderConformanceCase[] = [...wrapCases, ...unwrapCases, ...currentCases]
