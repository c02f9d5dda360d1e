// What a replica answers gives way to the primary server once this process has seen something newer.
import type { StoredSecret } from '@mcpvault/core'
import { sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { beforeEach, expect, test } from 'vitest'
import { type FreshestReads, freshestReads } from '../src/replica.ts'

const older = sampleSecret({ revision: 4 })
const newer = sampleSecret({ revision: 5 })
const madeAnew = sampleSecret({ id: 'f'.repeat(8), revision: 1 })
const other = sampleSecret({ ref: { ...sampleRef(), name: 'other' } })

let reads: FreshestReads
beforeEach(() => {
  reads = freshestReads()
})

const readsOf = <T>(anywhere: T, primary: T) => ({ anywhere: async () => anywhere, primary: async () => primary })
const one = (anywhere: StoredSecret | undefined, primary: StoredSecret | undefined) =>
  reads.one<StoredSecret | undefined>(sampleRef(), readsOf<StoredSecret | undefined>(anywhere, primary))
const many = (anywhere: readonly StoredSecret[], primary: readonly StoredSecret[]) =>
  reads.many(readsOf(anywhere, primary))

test('a first read is taken from anywhere', async () => {
  expect(await one(older, newer)).toBe(older)
  expect(await many([other], [])).toEqual([other])
})

test.each([
  ['an older record', older],
  ['none', undefined],
  ['a record with another id', madeAnew],
])('one secret is read again on the primary server for %s', async (_what, stale) => {
  await one(newer, undefined)
  expect(await one(stale, newer)).toBe(newer)
})

test('a page is read again on the primary server when it has anything older', async () => {
  await one(newer, undefined)
  expect(await many([other, older], [other, newer])).toEqual([other, newer])
  expect(await many([other, newer], [])).toEqual([other, newer])
})

test('what a page showed is remembered', async () => {
  await many([newer, other], [])
  expect(await one(older, newer)).toBe(newer)
})

test('a secret that is gone on the primary server is forgotten', async () => {
  await one(newer, undefined)
  expect(await one(undefined, undefined)).toBeUndefined()
  expect(await one(madeAnew, undefined)).toBe(madeAnew)
})
