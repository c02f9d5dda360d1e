// The chain: frozen keys and macs, a ratchet that wipes, and drafts that leave no trace when they are discarded.
import { createSecretKey, KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startChain } from '../../src/audit/log/chain.ts'
import { firstKey, nextKey, streamMac } from '../../src/audit/log/mac.ts'
import { sealKey } from '../../src/audit/log/seal.ts'
import { encodeHex } from '../../src/bytes/index.ts'
import { hmacKeyFor } from '../../src/bytes/key-form.ts'
import type { AuditEvent } from '../../src/contracts/index.ts'
import sealed from './sealed-vectors.json' with { type: 'json' }
import { event, keys, numbered } from './support.ts'
import vectors from './vectors.json' with { type: 'json' }

const root = createSecretKey(Buffer.from(vectors.root, 'hex'))
const vaultId = Buffer.from(vectors.vaultId, 'hex')
const stream = Buffer.from(vectors.stream, 'hex')
const at = new Date(0)
const seal = sealKey(keys)

describe('the keys of a stream', () => {
  it('are the frozen ones', () => {
    let key = firstKey({ root, vaultId, stream })
    for (const row of vectors.rows) {
      expect(encodeHex(key)).toBe(row.key)
      key = nextKey(key)
    }
  })
})

describe('the form of a key', () => {
  it('changes neither the macs nor the key after it, on any Node', () => {
    const [row] = vectors.rows
    const bytes = Buffer.from(row?.key ?? '', 'hex')
    const link = { previousMac: Buffer.alloc(32), body: Buffer.from(row?.body ?? ''), sequence: 0 }
    for (const nodeMajor of [20, 22, 24, 26]) {
      const key = hmacKeyFor(nodeMajor)(bytes)
      expect(key instanceof KeyObject).toBe(nodeMajor >= 24)
      expect(encodeHex(streamMac({ vaultId, stream })({ ...link, key }))).toBe(row?.mac)
      expect(encodeHex(nextKey(key))).toBe(vectors.rows[1]?.key)
    }
  })
})

describe('streamMac', () => {
  it('gives the frozen macs of bodies without a seal', () => {
    const macOf = streamMac({ vaultId, stream })
    const previous = ['00'.repeat(32), ...vectors.rows.map(({ mac }) => mac)]
    for (const [sequence, { key, body, mac }] of vectors.rows.entries()) {
      const previousMac = Buffer.from(previous[sequence] ?? '', 'hex')
      const link = { key: Buffer.from(key, 'hex'), previousMac, body: Buffer.from(body), sequence }
      expect(encodeHex(macOf(link))).toBe(mac)
    }
  })

  it('writes sequences beyond 32 bits', () => {
    const { key, sequence, previousMac, body, mac } = vectors.far
    const macOf = streamMac({ vaultId, stream })
    const link = { key: Buffer.from(key, 'hex'), previousMac: Buffer.from(previousMac, 'hex'), body: Buffer.from(body) }
    expect(encodeHex(macOf({ ...link, sequence }))).toBe(mac)
  })
})

describe('startChain', () => {
  it('writes the frozen rows', () => {
    const chain = startChain({ root, vaultId, stream, seal: sealKey({ root, vaultId }) })
    const events = vectors.rows.map((row) => ({ event: row.event as AuditEvent, at: new Date(row.at) }))
    const { rows } = chain.draft(events)
    expect(chain.stream).toBe(vectors.stream)
    expect(rows.map(({ sequence }) => sequence)).toEqual([0, 1, 2])
    expect(rows.map(({ mac }) => encodeHex(mac))).toEqual(sealed.rows.map(({ mac }) => mac))
    expect(rows.map(({ body }) => Buffer.from(body).toString())).toEqual(sealed.rows.map(({ body }) => body))
    expect(rows[1]?.columns).toMatchObject({
      action: 'secret.shared',
      owner: 'zoë',
      at: new Date(vectors.rows[1]?.at ?? 0),
    })
  })

  it('goes on from an accepted draft, as if it had been one', () => {
    const stamped = vectors.rows.map((row) => ({ event: row.event as AuditEvent, at: new Date(row.at) }))
    const chain = startChain({ root, vaultId, stream, seal: sealKey({ root, vaultId }) })
    const macs = stamped.flatMap((one) => {
      const draft = chain.draft([one])
      draft.accept()
      return draft.rows.map(({ mac }) => encodeHex(mac))
    })
    expect(macs).toEqual(sealed.rows.map(({ mac }) => mac))
    expect(chain.nextSequence()).toBe(3)
  })

  it('stays where it was after a discarded draft', () => {
    const chain = startChain({ ...keys, stream, seal })
    chain.draft([{ event: numbered(1), at }]).accept()
    const before = chain.draft([{ event: numbered(2), at }])
    before.discard()
    expect(chain.nextSequence()).toBe(1)
    const after = chain.draft([{ event: numbered(2), at }])
    after.accept()
    expect(after.rows).toEqual(before.rows)
    expect(chain.nextSequence()).toBe(2)
  })

  it('accepts and discards an empty draft without a change', () => {
    const chain = startChain({ ...keys, stream, seal })
    chain.draft([]).accept()
    chain.draft([]).discard()
    const [row] = chain.draft([{ event, at }]).rows
    expect(row?.mac).toEqual(startChain({ ...keys, stream, seal }).draft([{ event, at }]).rows[0]?.mac)
  })

  it('refuses a wrong event and stays usable', () => {
    const chain = startChain({ ...keys, stream, seal })
    const wrong = { event: { ...event, name: 7 } as never as AuditEvent, at }
    expect(() => chain.draft([{ event, at }, wrong])).toThrow(TypeError)
    expect(chain.nextSequence()).toBe(0)
    expect(chain.draft([{ event, at }]).rows[0]?.mac).toEqual(
      startChain({ ...keys, stream, seal }).draft([{ event, at }]).rows[0]?.mac,
    )
  })

  it('drafts nothing under a wiped key', () => {
    const chain = startChain({ ...keys, stream, seal })
    chain.end()
    expect(() => chain.draft([{ event, at }])).toThrow(new TypeError('The stream has ended.'))
  })
})
