// The ratchet forgets: every key that was left behind is zeros, and no buffer of a key is kept twice.
import { beforeEach, expect, it, vi } from 'vitest'
import { redactUser } from '../../src/audit/index.ts'
import { startChain } from '../../src/audit/log/chain.ts'
import { sealKey } from '../../src/audit/log/seal.ts'
import { streamChecker } from '../../src/audit/verify/check-stream.ts'
import { event, keys, numbered, testTrail } from './support.ts'

const made = vi.hoisted((): Buffer[] => [])

const keyLabels = ['audit-stream', 'ratchet', 'audit-erasure', 'audit-pseudonym', 'audit-seal'].map(
  (label) => `mcpvault/1/${label}`,
)

// Node's own HMAC, which also shows the test each digest that becomes a key of the chain.
vi.mock(import('node:crypto'), async (original) => {
  const crypto = await original()
  const createHmac: typeof crypto.createHmac = (...args) => {
    const hmac = crypto.createHmac(...args)
    const { update, digest } = hmac
    let isKey = false
    hmac.update = (data: unknown) => {
      isKey ||= keyLabels.includes(String(data))
      return Reflect.apply(update, hmac, [data])
    }
    hmac.digest = (...encoding: unknown[]) => {
      const bytes = Reflect.apply(digest, hmac, encoding)
      if (isKey) made.push(bytes)
      return bytes
    }
    return hmac
  }
  return { ...crypto, createHmac }
})

const stream = Buffer.alloc(16, 7)
const at = new Date(0)
const seal = sealKey(keys)
const live = (): readonly number[] => made.flatMap((key, index) => (key.some((byte) => byte !== 0) ? [index] : []))

beforeEach(() => {
  made.length = 0
})

it('an accepted draft leaves only the newest key', () => {
  const chain = startChain({ ...keys, seal, stream })
  const draft = chain.draft([1, 2, 3].map((count) => ({ event: numbered(count), at })))
  expect(live()).toEqual([0, 3])
  draft.accept()
  expect(live()).toEqual([3])
})

it('a discarded draft leaves only the old key', () => {
  const chain = startChain({ ...keys, seal, stream })
  chain.draft([1, 2].map((count) => ({ event: numbered(count), at }))).discard()
  expect(live()).toEqual([0])
})

it('a draft that fails half way leaves only the old key', () => {
  const chain = startChain({ ...keys, seal, stream })
  const wrong = { event: { ...event, name: 7 } as never, at }
  expect(() => chain.draft([{ event, at }, wrong])).toThrow(TypeError)
  expect(made).toHaveLength(2)
  expect(live()).toEqual([0])
})

it('an ended chain leaves no key', () => {
  const chain = startChain({ ...keys, seal, stream })
  chain.draft([{ event, at }]).accept()
  chain.end()
  expect(live()).toEqual([])
})

it('a verifier leaves no key', () => {
  const { rows } = startChain({ ...keys, seal, stream }).draft([{ event, at }])
  made.length = 0
  const checker = streamChecker({ ...keys, stream })
  for (const row of rows) checker.check(row)
  expect(live()).toEqual([1])
  checker.end()
  expect(live()).toEqual([])
})

it('a closed trail, a verification and a redaction leave no key', async () => {
  const { trail, store, verify } = testTrail()
  const write = { event, commit: () => Promise.reject(new Error('lost')), applied: () => true }
  await expect(trail.recordWith(write)).rejects.toThrow('lost')
  await trail.recordWith({ event, commit: (rows) => store.audit.append(rows ?? []), applied: () => true })
  await trail.record(event)
  await trail.close()
  expect(live()).toEqual([])
  expect(await verify()).toMatchObject({ ok: true, streams: 2 })
  expect(live()).toEqual([])
  expect(await redactUser({ ...keys, store: store.audit, user: 'alice' })).toMatchObject({ redacted: 2 })
  expect(await verify()).toMatchObject({ ok: true, redacted: 2 })
  expect(live()).toEqual([])
  expect(made.length).toBeGreaterThan(20)
})
