// Sinks beside the store: they get every row, and hold up nothing.
import { describe, expect, it } from 'vitest'
import { encodeHex } from '../../src/bytes/index.ts'
import type { AuditRow } from '../../src/contracts/index.ts'
import { countsOf, numbered, range, rowsOf, scriptedSink, settle, testTrail } from './support.ts'

describe('further sinks', () => {
  it('get every row too, and hold up nothing when they hang', async () => {
    const hanging = scriptedSink(['hang', 'hang', 'hang'], { id: 'hanging', durable: false })
    const working = scriptedSink([], { id: 'working', durable: false })
    const { trail, store, clock, alarms } = testTrail({ sinks: [hanging.sink, working.sink] })
    await trail.record(numbered(1))
    await trail.record(numbered(2))
    await settle()
    const macs = (rows: readonly AuditRow[]) => rows.map(({ mac }) => encodeHex(mac))
    expect(macs(working.accepted)).toEqual(macs(await rowsOf(store)))
    expect(alarms).toEqual([])
    clock.advance(5_000)
    await settle()
    expect(alarms).toMatchObject([{ kind: 'sink-failed', sink: 'hanging', cause: { code: 'VAULT_AUDIT_FAILED' } }])
    expect(countsOf(await rowsOf(store))).toEqual([1, 2])
  })

  it('lose rows alone when they fail for long, and say how many', async () => {
    const failing = scriptedSink(['fail', 'fail'], { id: 'failing', durable: false })
    const { trail, store, clock, alarms } = testTrail({ sinks: [failing.sink], limits: { queueRows: 3 } })
    for (const n of range(5)) await trail.record(numbered(n))
    await settle()
    expect(countsOf(await rowsOf(store))).toEqual(range(5))
    clock.advance(1_000)
    await settle()
    clock.advance(1_000)
    await settle()
    expect(countsOf(failing.accepted)).toEqual([0, 1])
    expect(alarms.filter(({ kind }) => kind === 'dropped')).toEqual([{ kind: 'dropped', count: 3, sink: 'failing' }])
  })

  it('tell at the close what they lost', async () => {
    const failing = scriptedSink(['fail', 'fail', 'fail', 'fail', 'fail'], { id: 'failing', durable: false })
    const { trail, alarms } = testTrail({ sinks: [failing.sink], limits: { queueRows: 2 } })
    for (const n of range(3)) await trail.record(numbered(n))
    await settle()
    await trail.close()
    expect(alarms.filter(({ kind }) => kind === 'dropped')).toEqual([{ kind: 'dropped', count: 2, sink: 'failing' }])
  })
})
