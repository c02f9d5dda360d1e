// An event that the store refuses permanently is set aside: it holds up nobody, and the trail says that it is missing.
import { describe, expect, it } from 'vitest'
import { encodeHex } from '../../src/bytes/index.ts'
import type { AuditRow, AuditStore } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  bodiesOf,
  codeOf,
  countsOf,
  event,
  numbered,
  range,
  rowsOf,
  scriptedSink,
  settle,
  streamId,
  testTrail,
  withAppend,
  write,
} from './support.ts'

const refused = { ...event, correlationId: 'refused' }

/** A store that refuses every batch with a row that fits, as a database refuses text that it cannot hold. */
function refusingStore(fits: (row: AuditRow) => boolean = ({ columns }) => columns.correlationId === 'refused') {
  const store = memoryStore()
  let isBroken = true
  const append: AuditStore['append'] = async (rows) => {
    if (isBroken && rows.some(fits)) throw new VaultError('VAULT_STORE_FAILED', { retryable: false })
    return store.audit.append(rows)
  }
  return {
    store: withAppend(store, append),
    mend() {
      isBroken = false
    },
  }
}

const kindsIn = (rows: readonly AuditRow[]) => bodiesOf(rows).map(({ event_type }) => event_type)

const macsOf = (rows: readonly AuditRow[]) => rows.map(({ mac }) => encodeHex(mac))

describe('an event that the store refuses permanently', () => {
  it('[T47] fails its call alone, and a fresh stream says that it is missing', async () => {
    const { trail, store, alarms, verify } = testTrail({ store: refusingStore().store })
    await trail.record(numbered(1))
    const together = [numbered(2), refused, numbered(3), numbered(4)].map((each) => codeOf(trail.record(each)))
    expect(await Promise.all(together)).toEqual([
      { resolved: undefined },
      'VAULT_AUDIT_FAILED',
      { resolved: undefined },
      { resolved: undefined },
    ])
    await trail.record(numbered(5))
    expect(alarms).toEqual([{ kind: 'refused', sink: store.id, cause: expect.any(VaultError) }])
    expect(countsOf(await rowsOf(store, streamId(1)))).toEqual([1, 2])
    const moved = await rowsOf(store, streamId(2))
    expect(kindsIn(moved).slice(0, 2)).toEqual(['audit.opened', 'audit.dropped'])
    expect(bodiesOf(moved)[1]).toMatchObject({ count: 1, outcome: 'failed', error_code: 'VAULT_STORE_FAILED' })
    expect(countsOf(moved)).toEqual([3, 4, 5])
    await trail.close()
    expect(await verify()).toMatchObject({ ok: true, streams: 2, unclosed: 1 })
  })

  it('fails the whole call that recorded it, whose other events are kept', async () => {
    const { trail, store } = testTrail({ store: refusingStore().store })
    const failing = codeOf(trail.record([numbered(1), refused, numbered(2)]))
    const other = trail.record(numbered(3))
    expect(await failing).toBe('VAULT_AUDIT_FAILED')
    await other
    expect(countsOf(await rowsOf(store))).toEqual([1, 2, 3])
  })

  it('is found among many, also when there are several', async () => {
    const { trail, store, alarms, verify } = testTrail({ store: refusingStore().store })
    const bad = new Set([0, 1, 77, 299])
    const codes = await Promise.all(range(300).map((n) => codeOf(trail.record(bad.has(n) ? refused : numbered(n)))))
    expect(range(300).filter((n) => codes[n] === 'VAULT_AUDIT_FAILED')).toEqual([...bad])
    expect(countsOf(await rowsOf(store))).toEqual(range(300).filter((n) => !bad.has(n)))
    expect(alarms).toHaveLength(bad.size)
    expect(kindsIn(await rowsOf(store)).filter((kind) => kind === 'audit.dropped')).toHaveLength(bad.size)
    await trail.flush()
    expect(await verify()).toMatchObject({ ok: true, streams: 1 + bad.size })
  })

  it('blocks nothing in buffered mode either', async () => {
    const { trail, store, alarms, verify } = testTrail({ store: refusingStore().store, mode: 'buffered' })
    for (const each of [numbered(1), refused, numbered(2)]) await trail.record(each)
    await trail.settle()
    expect(countsOf(await rowsOf(store))).toEqual([1, 2])
    expect(alarms.map(({ kind }) => kind)).toEqual(['refused'])
    await trail.close()
    expect(await verify()).toMatchObject({ ok: true })
  })

  it('is kept by the other sinks, which get the fresh stream too', async () => {
    const other = scriptedSink([], { durable: false })
    const { trail, store } = testTrail({ store: refusingStore().store, sinks: [other.sink] })
    await codeOf(trail.record(refused))
    await trail.record(numbered(1))
    await trail.flush()
    expect(bodiesOf(other.accepted).filter(({ correlation_id }) => correlation_id === 'refused')).toHaveLength(1)
    const fresh = other.accepted.filter(({ stream }) => stream === streamId(2))
    expect(macsOf(fresh)).toEqual(macsOf(await rowsOf(store, streamId(2))))
  })
})

describe('while streams are closed', () => {
  it('moves what is behind it in its own stream alone', async () => {
    const { store } = refusingStore()
    const parts = testTrail({ store })
    await parts.trail.record(numbered(0))
    await write(parts, 1)
    const refusing = codeOf(parts.trail.record(refused))
    await parts.trail.close()
    expect(await refusing).toBe('VAULT_AUDIT_FAILED')
    expect(kindsIn(await rowsOf(store, streamId(3)))).toEqual(['audit.opened', 'audit.dropped', 'audit.closed'])
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 3, unclosed: 1 })
  })
})

describe('a sink beside the store that refuses rows permanently', () => {
  it('fails alone, and gets them when it accepts again', async () => {
    const { sink, accepted } = scriptedSink([], { id: 'picky', durable: false })
    let isPicky = true
    const picky = {
      ...sink,
      write(...[rows, options]: Parameters<typeof sink.write>) {
        if (isPicky) throw new RangeError('The sink cannot hold this.')
        return sink.write(rows, options)
      },
    }
    const { trail, store, alarms, clock } = testTrail({ sinks: [picky] })
    await trail.record([numbered(1), numbered(2)])
    await settle()
    expect(countsOf(await rowsOf(store))).toEqual([1, 2])
    expect(alarms).toMatchObject([{ kind: 'sink-failed', sink: 'picky', cause: { name: 'RangeError' } }])
    isPicky = false
    clock.advance(1_000)
    await settle()
    expect(macsOf(accepted)).toEqual(macsOf(await rowsOf(store)))
  })
})

describe('a store that refuses everything permanently', () => {
  it('loses no event: all are written when it accepts again', async () => {
    const { store, mend } = refusingStore(() => true)
    const { trail, alarms, clock, verify } = testTrail({ store })
    expect(await Promise.all([1, 2, 3].map((n) => codeOf(trail.record(numbered(n)))))).toEqual(
      Array(3).fill('VAULT_AUDIT_FAILED'),
    )
    expect(alarms.map(({ kind }) => kind)).toEqual(['sink-failed'])
    mend()
    clock.advance(1_000)
    await settle()
    expect(countsOf(await rowsOf(store))).toEqual([1, 2, 3])
    expect(await verify()).toMatchObject({ ok: true, streams: 1 })
  })
})
