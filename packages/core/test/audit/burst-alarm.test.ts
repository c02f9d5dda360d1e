// burstAlarm: unusual access is reported as it happens, once in a burst.

import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { type AuditAlarm, type Burst, type BurstAlarmOptions, burstAlarm } from '../../src/audit/index.ts'
import { eventColumns } from '../../src/audit/log/columns.ts'
import { encodeEvent } from '../../src/audit/log/event.ts'
import type { AuditEvent, AuditRow, AuditSink } from '../../src/contracts/index.ts'

type Options = Omit<BurstAlarmOptions, 'onBurst'>

async function watchedVault(options: Options) {
  const bursts: Burst[] = []
  const sink = burstAlarm({ ...options, onBurst: (burst) => void bursts.push(burst) })
  const test = testVault({ audit: { sinks: [sink] } })
  for (const name of ['token', 'other']) await test.scope('alice').set(name, 'x')
  await test.scope('alice').share('token', { with: 'bob', permission: 'read' })
  const reported = async () => {
    await test.vault.close()
    return bursts
  }
  return { ...test, reported, alice: test.scope('alice'), bob: test.scope('alice', { id: 'bob' }) }
}

/** A read by one principal, at one time. */
function rowOf(part: Partial<AuditEvent>, sequence: number): AuditRow {
  const read = { action: 'secret.accessed', outcome: 'allowed', operation: 'get', principal: 'carol' } as const
  const record = { event: { ...read, ...part }, at: new Date(0), stream: '0'.repeat(32), sequence }
  const { stream } = record
  return { stream, sequence, mac: new Uint8Array(32), body: encodeEvent(record), columns: eventColumns(record) }
}

describe('[A40] burstAlarm', () => {
  it('[T36] calls once in a burst of reads, and again in a later one', async () => {
    const { alice, clock, reported } = await watchedVault({ max: 5, withinMs: 1_000 })
    const startMs = clock.now().getTime()
    for (let read = 0; read < 10; read++) {
      await alice.get('token')
      clock.advance(100)
    }
    clock.advance(5_000)
    for (let read = 0; read < 6; read++) await alice.get('token')
    const bursts = await reported()
    expect(bursts).toMatchObject([
      { by: 'principal', of: 'reads', count: 6, firstAt: new Date(startMs), lastAt: new Date(startMs + 500) },
      { by: 'principal', of: 'reads', count: 6, firstAt: new Date(startMs + 6_000) },
    ])
    expect(bursts[0]?.event).toMatchObject({ principal: 'alice', name: 'token', operation: 'get' })
  })

  it('[T36] says nothing of as many as are usual, nor of many over a longer time', async () => {
    const { alice, bob, clock, reported } = await watchedVault({ max: 5, withinMs: 1_000 })
    for (let read = 0; read < 30; read++) {
      await alice.get('token')
      await bob.get('token')
      clock.advance(200)
    }
    expect(await reported()).toEqual([])
  })

  it('goes on reporting, once in each time, of a burst that goes on', async () => {
    const { alice, clock, reported } = await watchedVault({ max: 2, withinMs: 1_000 })
    for (let read = 0; read < 31; read++) {
      await alice.get('token')
      clock.advance(100)
    }
    expect((await reported()).map(({ lastAt }) => lastAt.getTime() % 1_000)).toEqual([200, 200, 200])
  })

  it('counts each value that getAll gives', async () => {
    const { alice, reported } = await watchedVault({ max: 3, withinMs: 1_000 })
    await alice.getAll()
    await alice.getAll()
    expect(await reported()).toMatchObject([{ count: 4, event: { operation: 'getAll' } }])
  })

  it.each<readonly [Options['by'], number, Partial<Burst['event']>]>([
    ['principal', 0, {}],
    ['secret', 1, { name: 'token' }],
    ['server', 1, { server: 'github' }],
  ])('counts by %s', async (by, bursts, event) => {
    const { alice, bob, reported } = await watchedVault({ max: 3, withinMs: 1_000, by: by ?? 'principal' })
    for (let read = 0; read < 2; read++) {
      await alice.get('token')
      await bob.get('token')
    }
    const found = await reported()
    expect(found).toHaveLength(bursts)
    if (bursts > 0) expect(found[0]?.event).toMatchObject(event)
  })

  it('counts refusals, also those that look like absent secrets to who asks', async () => {
    const { scope, alice, bob, reported } = await watchedVault({ max: 3, withinMs: 1_000, of: 'denied' })
    const mallory = scope('alice', { id: 'mallory' })
    for (const name of ['token', 'other', 'absent', 'token']) expect(await mallory.get(name)).toBeUndefined()
    expect(await codeOf(bob.set('token', 'x'))).toBe('VAULT_ACCESS_DENIED')
    for (let read = 0; read < 9; read++) await alice.get('token')
    await mallory.list()
    expect(await reported()).toMatchObject([
      { of: 'denied', count: 4, event: { principal: 'mallory', operation: 'list' } },
    ])
  })

  it('[T36][T38] says nothing of 5 refusals in 5 minutes, and reports the 6th once', async () => {
    const { scope, clock, reported } = await watchedVault({ max: 5, withinMs: 300_000, of: 'denied' })
    const mallory = scope('alice', { id: 'mallory' })
    for (let refusal = 0; refusal < 5; refusal++) {
      await mallory.get('token')
      clock.advance(50_000)
    }
    clock.advance(50_001)
    // Five of the last five minutes, the first of all is past.
    await mallory.get('token')
    clock.advance(10_000)
    await mallory.get('token')
    await mallory.get('token')
    const bursts = await reported()
    expect(bursts).toMatchObject([{ of: 'denied', count: 6, event: { principal: 'mallory', outcome: 'denied' } }])
  })

  it('counts rows that come again after a failure once', async () => {
    const rows: AuditRow[] = []
    const keeper: AuditSink = { id: 'keeper', durable: false, write: (given) => void rows.push(...given) }
    const { scope, vault } = testVault({ audit: { sinks: [keeper] } })
    await scope('alice').set('token', 'x')
    for (let read = 0; read < 4; read++) await scope('alice').get('token')
    await vault.close()
    let calls = 0
    const sink = burstAlarm({
      max: 3,
      withinMs: 1_000,
      onBurst: () => {
        calls++
        throw new Error('the pager is away')
      },
    })
    await expect(async () => sink.write(rows, {})).rejects.toThrow('the pager is away')
    await sink.write(rows, {})
    await sink.write(rows, {})
    expect(calls).toBe(1)
  })

  it('raises the alarm of a failed sink when the function fails, and no call fails for it', async () => {
    const alarms: AuditAlarm[] = []
    const onBurst = () => Promise.reject(new Error('the pager is away'))
    const sinks = [burstAlarm({ max: 1, withinMs: 1_000, onBurst, id: 'pager' })]
    const { scope, vault } = testVault({ audit: { sinks, onAlarm: (alarm) => void alarms.push(alarm) } })
    await scope('alice').set('token', 'x')
    for (let read = 0; read < 3; read++) expect((await scope('alice').get('token'))?.reveal()).toBe('x')
    await vault.close()
    expect(alarms).toContainEqual(expect.objectContaining({ kind: 'sink-failed', sink: 'pager' }))
  })

  it('counts 10,000 at a time, and forgets those that were quiet for longest', async () => {
    const bursts: Burst[] = []
    const sink = burstAlarm({ max: 1, withinMs: 1_000, onBurst: (burst) => void bursts.push(burst) })
    let sequence = 0
    const read = async (principal: string) => {
      const fields = { timestamp: '2026-01-01T00:00:00.000Z', event_type: 'secret.accessed', user_id: principal }
      const place = { stream: '0'.repeat(32), sequence: sequence++, outcome: 'allowed', operation: 'get' }
      const body = Buffer.from(JSON.stringify({ ...fields, ...place, secret_name: 'token' }))
      const columns = { at: new Date(0), action: 'secret.accessed', outcome: 'allowed', principal } as const
      await sink.write([{ stream: place.stream, sequence: place.sequence, mac: new Uint8Array(32), body, columns }], {})
    }
    await read('first')
    await read('second')
    for (let each = 0; each < 9_998; each++) await read(`p${each}`)
    await read('second')
    await read('one more')
    await read('first')
    expect(bursts.map(({ event }) => event.principal)).toEqual(['second'])
  })

  const alice = { owner: 'alice', server: 'github', name: 'token' } as const
  it.each<readonly [string, Options['by'], readonly Partial<AuditEvent>[], number]>([
    ['one secret', 'secret', [alice, alice], 1],
    ['one name of two owners', 'secret', [alice, { ...alice, owner: 'bob' }], 0],
    ['one name on two servers', 'secret', [alice, { ...alice, server: 'other' }], 0],
    ['two names', 'secret', [alice, { ...alice, name: 'other' }], 0],
    ['parts that only read alike', 'secret', [alice, { owner: 'aliceg', server: 'ithub', name: 'token' }], 0],
    ['two names of one server', 'server', [alice, { ...alice, owner: 'bob', name: 'other' }], 1],
    ['two servers', 'server', [alice, { ...alice, server: 'other' }], 0],
    ['no owner', 'secret', Array(2).fill({ server: 'github', name: 'token' }), 0],
    ['no server', 'secret', Array(2).fill({ owner: 'alice', name: 'token' }), 0],
    ['no server, by server', 'server', Array(2).fill({ owner: 'alice', name: 'token' }), 0],
    ['no name', 'principal', Array(2).fill({ owner: 'alice', server: 'github' }), 0],
    ['reads that failed', 'principal', Array(2).fill({ ...alice, outcome: 'failed' }), 0],
  ])('tells what is read together: %s, by %s', async (_, by = 'principal', events, expected) => {
    const bursts: Burst[] = []
    const sink = burstAlarm({ max: 1, withinMs: 1_000, by, onBurst: (burst) => void bursts.push(burst) })
    const rows = events.map((part, sequence) => rowOf(part, sequence))
    await sink.write(rows, {})
    expect(bursts).toHaveLength(expected)
  })

  it('counts each row once, however often it comes', async () => {
    const counts: number[] = []
    const sink = burstAlarm({ max: 2, withinMs: 1_000, onBurst: ({ count }) => void counts.push(count) })
    const rows = [0, 1].map((sequence) => rowOf(alice, sequence))
    for (let time = 0; time < 3; time++) await sink.write(rows, {})
    expect(counts).toEqual([])
    await sink.write([rowOf(alice, 2)], {})
    expect(counts).toEqual([3])
  })

  it('takes the bounds of its options, and names itself', () => {
    for (const bounds of [
      { max: 1, withinMs: 1 },
      { max: 1_000, withinMs: 86_400_000 },
    ]) {
      const sink = burstAlarm({ ...bounds, onBurst: () => undefined })
      expect(sink).toMatchObject({ id: 'burst-alarm', durable: false })
    }
  })

  it.each([
    ['onBurst', 'a function', { onBurst: undefined }],
    ['max', '1 to 1,000', { max: 0 }],
    ['max', '1 to 1,000', { max: 1_001 }],
    ['max', '1 to 1,000', { max: 1.5 }],
    ['withinMs', '1 to 86,400,000', { withinMs: 0 }],
    ['withinMs', '1 to 86,400,000', { withinMs: 86_400_001 }],
    ['by', 'principal, secret or server', { by: 'owner' }],
    ['of', 'reads or denied', { of: 'writes' }],
  ])('refuses a bad %s, which must be %s', (field, rule, wrong) => {
    // Wrong on purpose, as a caller without types may be.
    const options = { max: 1, withinMs: 1, onBurst: () => undefined, ...wrong } as BurstAlarmOptions
    const refusal = {
      code: 'VAULT_CONFIG_INVALID',
      field: `burstAlarm.${field}`,
      detail: expect.stringContaining(rule),
    }
    const error = expect.objectContaining(refusal)
    expect(() => burstAlarm(options)).toThrow(error)
  })
})
