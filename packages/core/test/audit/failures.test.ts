// Failing and hanging sinks: nothing acknowledged is lost, and what is sent again is the same.
import { describe, expect, it } from 'vitest'
import type { AuditRow, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { faultStore } from '../../src/testing/index.ts'
import {
  auditFailed,
  codeOf,
  countsOf,
  event,
  numbered,
  rowsOf,
  scriptedSink,
  settle,
  testTrail,
  verifyStore,
  withAppend,
} from './support.ts'

const macs = (rows: readonly AuditRow[]): readonly string[] => rows.map(({ mac }) => Buffer.from(mac).toString('hex'))

describe('a sink that fails', () => {
  it('refuses the event, and sends it again unchanged before the next one', async () => {
    const { sink, batches, accepted } = scriptedSink(['fail'])
    const { trail, alarms } = testTrail({ store: undefined, sinks: [sink] })
    const failed = trail.record(numbered(1))
    await expect(failed).rejects.toMatchObject({
      code: 'VAULT_AUDIT_FAILED',
      retryable: true,
      cause: { message: 'The sink fails.' },
    })
    await trail.record(numbered(2))
    expect(macs(batches[1] ?? []).slice(0, 2)).toEqual(macs(batches[0] ?? []))
    expect(countsOf(accepted)).toEqual([1, 2])
    expect(alarms).toMatchObject([{ kind: 'sink-failed', sink: 'scripted' }])
  })

  it('refuses with an error whose stack leads back to the call', async () => {
    const { sink } = scriptedSink(['fail'])
    const { trail } = testTrail({ store: undefined, sinks: [sink] })
    async function recordOfSomeCaller(): Promise<void> {
      await trail.record(event)
    }
    await expect(recordOfSomeCaller()).rejects.toMatchObject({
      stack: expect.stringMatching(/outlet\.ts(.|\n)*recordOfSomeCaller/),
    })
  })

  it('is tried again after a while when nothing new comes', async () => {
    const { sink, accepted } = scriptedSink(['fail', 'fail'])
    const { trail, clock } = testTrail({ store: undefined, sinks: [sink] })
    expect(await codeOf(trail.record(numbered(1)))).toBe('VAULT_AUDIT_FAILED')
    clock.advance(999)
    await settle()
    clock.advance(1)
    await settle()
    expect(accepted).toEqual([])
    clock.advance(1_000)
    await settle()
    expect(countsOf(accepted)).toEqual([1])
  })

  it('raises one alarm for each time it stops working', async () => {
    const { sink } = scriptedSink(['fail', 'fail', 'accept', 'fail'])
    const { trail, alarms } = testTrail({ store: undefined, sinks: [sink] })
    const codes = []
    for (let n = 0; n < 4; n++) codes.push(await codeOf(trail.record(event)))
    expect(codes).toEqual(['VAULT_AUDIT_FAILED', 'VAULT_AUDIT_FAILED', { resolved: undefined }, 'VAULT_AUDIT_FAILED'])
    expect(alarms.map(({ kind }) => kind)).toEqual(['sink-failed', 'sink-failed'])
  })

  it('fails those who waited, and gives those who came during the attempt one of their own', async () => {
    let fail: (error: Error) => void = () => undefined
    const inner = memoryStore()
    let attempts = 0
    const store = withAppend(inner, (rows) => {
      attempts += 1
      if (attempts > 1) return inner.audit.append(rows)
      return new Promise((_, reject) => {
        fail = reject
      })
    })
    const { trail } = testTrail({ store })
    const early = codeOf(trail.record(numbered(1)))
    await settle()
    const late = codeOf(trail.record(numbered(2)))
    await settle()
    fail(new Error('The store fails.'))
    expect(await early).toBe('VAULT_AUDIT_FAILED')
    expect(await late).toEqual({ resolved: undefined })
    expect(attempts).toBe(2)
    expect(countsOf(await rowsOf(inner))).toEqual([1, 2])
  })

  it('asks a store that throws at once only once for all events of a tick', async () => {
    const store = memoryStore()
    let attempts = 0
    const broken = withAppend(store, () => {
      attempts += 1
      throw new Error('The store fails.')
    })
    const { trail } = testTrail({ store: broken })
    const codes = await Promise.all([1, 2, 3].map((n) => codeOf(trail.record(numbered(n)))))
    expect(codes).toEqual(['VAULT_AUDIT_FAILED', 'VAULT_AUDIT_FAILED', 'VAULT_AUDIT_FAILED'])
    expect(attempts).toBe(1)
  })

  it('is backed by another durable sink, and catches up', async () => {
    const first = scriptedSink(['fail'], { id: 'first' })
    const second = scriptedSink([], { id: 'second' })
    const { trail } = testTrail({ store: undefined, sinks: [first.sink, second.sink] })
    await trail.record(numbered(1))
    expect(countsOf(second.accepted)).toEqual([1])
    await trail.record(numbered(2))
    await settle()
    expect(macs(first.accepted)).toEqual(macs(second.accepted))
  })

  it('refuses when every durable sink fails, and names a cause', async () => {
    const first = scriptedSink(['fail'], { id: 'first' })
    const second = scriptedSink(['fail'], { id: 'second' })
    const logger = scriptedSink([], { id: 'logger', durable: false })
    const { trail } = testTrail({ store: undefined, sinks: [first.sink, logger.sink, second.sink] })
    const cause = { message: 'The sink fails.' }
    await expect(trail.record(event)).rejects.toMatchObject({ code: 'VAULT_AUDIT_FAILED', cause })
    expect(logger.accepted).toHaveLength(2)
  })

  it('refuses new events without chaining them when too many are held', async () => {
    const { sink, batches, accepted } = scriptedSink(['fail', 'fail', 'fail'])
    const { trail, clock } = testTrail({ store: undefined, sinks: [sink], limits: { queueRows: 4 } })
    for (const n of [1, 2, 3]) expect(await codeOf(trail.record(numbered(n)))).toBe('VAULT_AUDIT_FAILED')
    await expect(trail.record(numbered(4))).rejects.toMatchObject(auditFailed('Too many events wait'))
    expect(batches).toHaveLength(3)
    clock.advance(1_000)
    await settle()
    await trail.record(numbered(5))
    expect(countsOf(accepted)).toEqual([1, 2, 3, 5])
    expect(accepted.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4])
  })
})

describe('a sink that hangs', () => {
  it('is abandoned after its limit, and the same rows are sent again', async () => {
    const { sink, batches } = scriptedSink(['hang'])
    const { trail, clock, alarms } = testTrail({ store: undefined, sinks: [sink] })
    const first = codeOf(trail.record(numbered(1)))
    await settle()
    clock.advance(4_999)
    await settle()
    expect(batches).toHaveLength(1)
    clock.advance(1)
    expect(await first).toBe('VAULT_AUDIT_FAILED')
    expect(alarms).toMatchObject([{ kind: 'sink-failed', cause: auditFailed('no answer in time') }])
    await trail.record(numbered(2))
    expect(macs(batches[1] ?? []).slice(0, 2)).toEqual(macs(batches[0] ?? []))
  })

  it.each(['before', 'after', 'hang', 'hang-after'] as const)('[T47] loses and doubles nothing: %s', async (mode) => {
    for (let failAt = 1; failAt <= 3; failAt++) {
      const store: VaultStore = memoryStore()
      const faulty = faultStore(store, { failAt, mode, onHang: () => clock.advance(5_000) })
      const { trail, clock } = testTrail({ store: faulty })
      for (const n of [1, 2, 3]) {
        if ((await codeOf(trail.record(numbered(n)))) !== 'VAULT_AUDIT_FAILED') continue
        clock.advance(1_000)
        await settle()
      }
      await trail.flush()
      expect(countsOf(await rowsOf(store))).toEqual([1, 2, 3])
      expect(await verifyStore(store)).toMatchObject({ ok: true, streams: 1, events: 4 })
    }
  })
})

it('survives an alarm handler that throws', async () => {
  const { sink, accepted } = scriptedSink(['fail'])
  const onAlarm = () => {
    throw new Error('The handler fails.')
  }
  const { trail } = testTrail({ store: undefined, sinks: [sink], onAlarm })
  expect(await codeOf(trail.record(numbered(1)))).toBe('VAULT_AUDIT_FAILED')
  await trail.record(numbered(2))
  expect(countsOf(accepted)).toEqual([1, 2])
})
