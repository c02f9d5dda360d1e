// A replica's answer is replaced by the primary server's once this process has seen something newer.
import type { StoredSecret } from '@mcpvault/core'
import { sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { beforeEach, expect, test } from 'vitest'
import { freshestReads } from '../src/freshest-reads.ts'
import type { SecretReads } from '../src/secret-reads.ts'

const older = sampleSecret({ revision: 4 })
const newer = sampleSecret({ revision: 5 })
const createdAgain = sampleSecret({ id: 'f'.repeat(8), revision: 1 })
const other = sampleSecret({ ref: { ...sampleRef(), name: 'other' } })

type Answer = StoredSecret | undefined

/** Reads that give what the test says: one answer to `find`, or a page. */
const answers: { anywhere: readonly Answer[]; primary: readonly Answer[] } = { anywhere: [], primary: [] }
const readsOf = (way: 'anywhere' | 'primary'): SecretReads => {
  const page = async () => answers[way].filter((record) => record !== undefined)
  return { find: async () => answers[way][0], findAll: page, list: page }
}

let reads: SecretReads
beforeEach(() => {
  reads = freshestReads({ anywhere: readsOf('anywhere'), primary: readsOf('primary') })
})

const one = (anywhere: Answer, primary: Answer) => {
  Object.assign(answers, { anywhere: [anywhere], primary: [primary] })
  return reads.find(sampleRef(), 'current')
}
const many = (anywhere: readonly StoredSecret[], primary: readonly StoredSecret[]) => {
  Object.assign(answers, { anywhere, primary })
  return reads.list({ limit: 10 })
}

test('a first read is taken from anywhere', async () => {
  expect(await one(older, newer)).toBe(older)
  expect(await many([other], [])).toEqual([other])
})

test.each([
  ['an older record', older],
  ['none', undefined],
  ['a record with another id', createdAgain],
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
  expect(await one(createdAgain, undefined)).toBe(createdAgain)
})
