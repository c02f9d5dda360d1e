// How long a call waits in all: for a store that does not answer, and for earlier writes of the same secret.
import { eventually, msUntilEnded } from '@mcpvault/testkit/eventually'
import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { hang, interceptStore, signalOf } from '../../src/testing/intercept.ts'
import type { SecretScope } from '../../src/vault/scope.ts'

const storeMs = 5_000
/** The clock of a test is moved in steps, and may be a few of them ahead of the call. */
const toleranceMs = 2_000

/** A vault with one secret; what `hangs` names is not answered from then on. */
async function stalling(hangs: (name: string) => boolean) {
  let isStalled = false
  const plain = memoryStore()
  const store = interceptStore(plain, ({ name, args, run }) =>
    isStalled && hangs(name) ? hang(signalOf(args)) : run(),
  )
  const test = testVault({ store, limits: { storeMs } })
  const scope = test.scope('alice')
  await scope.set('token', 'first')
  const setStalled = (to: 'stalled' | 'answering'): void => {
    isStalled = to === 'stalled'
  }
  setStalled('stalled')
  return { ...test, scope, plain, setStalled }
}

describe('a store that does not answer', () => {
  it.each<[string, number, (name: string) => boolean, (scope: SecretScope) => Promise<unknown>]>([
    ['a read', 1, () => true, (scope) => scope.get('token')],
    ['a list', 1, () => true, (scope) => scope.list()],
    ['a write', 1, () => true, (scope) => scope.set('token', 'second')],
    ['the event of a read', 1, (name) => name.startsWith('audit.'), (scope) => scope.get('token')],
    // Sent once more after a look whether it has landed: the server may have lost it with its connection.
    ['a write that cannot be sent', 2, (name) => name === 'secrets.put', (scope) => scope.set('token', 'second')],
  ])('costs %s limits.storeMs, %d times', async (_, times, hangs, call) => {
    const { scope, clock } = await stalling(hangs)
    const ended = codeOf(call(scope))
    const tookMs = await msUntilEnded(ended, clock)
    expect(await ended).toMatch(/^VAULT_(STORE|AUDIT)_FAILED$/)
    expect(tookMs).toBeGreaterThanOrEqual(times * storeMs)
    expect(tookMs).toBeLessThan(times * storeMs + toleranceMs)
  })

  it('[A6] gets the event of the failed call when it answers again', async () => {
    const { scope, clock, plain, setStalled } = await stalling(() => true)
    const ended = codeOf(scope.get('token'))
    await msUntilEnded(ended, clock)
    expect(await ended).toBe('VAULT_STORE_FAILED')
    setStalled('answering')
    await eventually(async () => {
      clock.advance(1_000)
      const rows = await plain.audit.query({ outcomes: ['failed'] }, { limit: 10 })
      expect(rows.map(({ columns }) => columns.action)).toEqual(['secret.accessed'])
    })
  })
})

describe('a write behind another one of the same secret', () => {
  it('stops waiting by its signal, and lets no later one pass the one under way', async () => {
    const { scope, plain, setStalled } = await stalling((name) => name === 'secrets.put')
    const stop = new AbortController()
    const controller = new AbortController()
    const first = codeOf(scope.set('token', 'first of three', { signal: stop.signal }))
    const second = scope.set('token', 'second of three', { signal: controller.signal })
    const third = scope.set('token', 'third of three')
    controller.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    setStalled('answering')
    await new Promise((resolve) => setImmediate(resolve))
    expect(
      (await plain.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'current'))?.currentVersion,
    ).toBe(1)
    stop.abort(new Error('enough'))
    await first
    expect((await third).version).toBe(2)
  })
})
