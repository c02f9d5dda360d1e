// Waiting for the trail: for what was queued at the call, with a limit and a signal, however much is queued meanwhile.
import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { AuditStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { auditFailed, codeOf, countsOf, numbered, range, rowsOf, settle, testTrail, withAppend } from './support.ts'

const operator = { id: 'root', roles: ['operator'] }

/** A trail under load without end: every append brings the next event. `calm` ends it. */
async function busyTrail() {
  const store = memoryStore()
  let next = 1
  let isCalm = false
  const append: AuditStore['append'] = async (rows) => {
    if (!isCalm) trail.record(numbered(next++)).catch(() => undefined)
    return store.audit.append(rows)
  }
  const { trail, verify } = testTrail({ store: withAppend(store, append) })
  await trail.record(numbered(0))
  return {
    trail,
    store,
    verify,
    calm() {
      isCalm = true
    },
  }
}

/** A store whose appends never answer. */
function silentStore() {
  const store = memoryStore()
  const append: AuditStore['append'] = (rows) =>
    rows.some(({ columns }) => columns.action === 'audit.opened')
      ? store.audit.append(rows)
      : new Promise(() => undefined)
  return withAppend(store, append)
}

describe('settle and flush', () => {
  it.each(['settle', 'flush'] as const)('%s wait for what is queued at the call alone', async (wait) => {
    const { trail, store, calm } = await busyTrail()
    const recorded = Promise.all(range(5).map((n) => trail.record(numbered(1_000 + n))))
    await trail[wait]()
    expect(countsOf(await rowsOf(store))).toEqual(expect.arrayContaining(range(5).map((n) => 1_000 + n)))
    await recorded
    calm()
    await trail.close()
  })

  it('settle ends with the reason of its signal', async () => {
    const { trail } = testTrail({ store: silentStore(), mode: 'buffered' })
    await trail.record(numbered(1))
    await trail.settle()
    await trail.record(numbered(2))
    const controller = new AbortController()
    const settling = trail.settle({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(settling).rejects.toThrow('enough')
  })

  it('settle ends after its limit, and flush after its own with an error', async () => {
    const { trail, clock } = testTrail({ store: silentStore(), mode: 'buffered', limits: { sinkTimeoutMs: 5_000 } })
    await trail.record(numbered(1))
    await trail.settle()
    await trail.record(numbered(2))
    const settling = trail.settle()
    const flushing = expect(trail.flush()).rejects.toMatchObject(auditFailed('still waiting'))
    await settle()
    clock.advance(5_000)
    await settling
    await flushing
  })

  it('settle does not fail when the store does', async () => {
    const append: AuditStore['append'] = () => Promise.reject(new Error('away'))
    const { trail, alarms } = testTrail({ store: withAppend(memoryStore(), append), mode: 'buffered' })
    await trail.record(numbered(1))
    await trail.settle()
    expect(alarms.map(({ kind }) => kind)).toEqual(['sink-failed'])
    expect(await codeOf(trail.flush())).toBe('VAULT_AUDIT_FAILED')
  })
})

describe('reading the trail of a vault', () => {
  it.each([
    ['auditLog', (vault, signal) => vault.as(operator).auditLog({ signal })],
    ['verifyAudit', (vault, signal) => vault.operator(operator).verifyAudit({ signal })],
  ] as const satisfies readonly (readonly [string, Read])[])(
    '%s ends by its signal while events wait to be written',
    async (_, read) => {
      const { vault, clock } = testVault({ store: silentStore(), audit: { mode: 'buffered' } })
      const alice = vault.as({ id: 'alice' }).scope()
      await alice.get('token')
      await settle()
      clock.advance(50)
      await settle()
      // The stream is open, and nothing is written any more.
      await alice.get('token')
      const controller = new AbortController()
      const reading = read(vault, controller.signal)
      await settle()
      controller.abort(new Error('enough'))
      await expect(reading).rejects.toThrow('enough')
    },
  )
})

type Read = (vault: ReturnType<typeof testVault>['vault'], signal: AbortSignal) => Promise<unknown>
