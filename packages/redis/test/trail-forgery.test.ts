// Attacks on the trail in Redis, by someone who may write every key: rows, and the lists that lead to them.
import type { AuditPlace, AuditRow } from '@mcpvault/core'
import { describeWith, startRedis } from '@mcpvault/testkit'
import { type Attack, type AttackedTrail, at, edited, forgedStream, trailSuite } from '@mcpvault/testkit/suites'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { auditMember } from '../src/append.ts'
import { type Keys, keysOf } from '../src/keys.ts'
import { listsOfAuditRow } from '../src/lists.ts'
import { auditRowBytes, auditRowOf } from '../src/rows.ts'
import { clientOn, freshStore } from './support/stores.ts'

describeWith('Redis', startRedis, (server) => {
  let client: Redis
  let keys: Keys
  beforeAll(() => {
    client = clientOn(server())
  })
  afterAll(() => client.disconnect())

  const bytesOf = (row: AuditRow): Buffer => {
    const { prefix, rest } = auditRowBytes(row)
    return Buffer.concat([prefix, rest])
  }
  const listed = async (row: AuditRow, command: 'zadd' | 'zrem'): Promise<void> => {
    for (const list of listsOfAuditRow(row)) {
      if (command === 'zadd') await client.zadd(keys.auditList(list), 0, auditMember(row))
      else await client.zrem(keys.auditList(list), auditMember(row))
    }
  }
  const remove = async (place: AuditPlace): Promise<void> => {
    const { stream, sequence } = place
    const [stored] = await client.zrangebyscoreBuffer(keys.stream(stream), sequence, sequence)
    if (stored === undefined) return
    await listed(auditRowOf(stored, place), 'zrem')
    await client.zremrangebyscore(keys.stream(stream), sequence, sequence)
  }
  const add = async (row: AuditRow): Promise<void> => {
    await client.zadd(keys.stream(row.stream), row.sequence, bytesOf(row))
    // No list has a place for what is no sequence.
    if (row.sequence >= 0) await listed(row, 'zadd')
  }
  const member = (place: string): string => `${'0'.repeat(14)}\n${place}`

  const own: readonly Attack<AttackedTrail>[] = [
    ['takes an event off every list', ({ rows }) => listed(rows[2], 'zrem'), at('unlisted', 2)],
    [
      'takes an event off the list of its user alone',
      async ({ rows }) =>
        void (await client.zrem(keys.auditList(`principal\u0001${rows[2].columns.principal}`), auditMember(rows[2]))),
      at('unlisted', 2),
    ],
    [
      'takes a stream off the list of streams',
      async ({ rows }) => void (await client.zrem(keys.streams, rows[0].stream)),
      at('stray', 2),
    ],
    [
      'lists an event that is not there',
      async ({ rows }) => void (await client.zadd(keys.auditList('all'), 0, auditMember({ ...rows[2], sequence: 77 }))),
      at('stray', 77),
    ],
    [
      'lists what is no event',
      async () => void (await client.zadd(keys.auditList('all'), 0, 'anything', 0, member('nothing'))),
      () => ({ problem: 'stray', stream: 'nothing' }),
    ],
    [
      'adds a second row in one place',
      async ({ rows }) => void (await client.zadd(keys.stream(rows[0].stream), 2, bytesOf(edited(rows[2])))),
      ({ rows: [row] }) => ({ stream: row.stream }),
    ],
    [
      'adds an event between two others',
      async ({ rows }) => void (await client.zadd(keys.stream(rows[0].stream), 1.5, bytesOf(edited(rows[2])))),
      at('order', 2),
    ],
    [
      'adds an event at no end',
      async ({ rows }) => void (await client.zadd(keys.stream(rows[0].stream), 'inf', bytesOf(edited(rows[2])))),
      ({ rows: [row, ...rest] }) => ({ problem: 'order', stream: row.stream, sequence: rest.length + 1 }),
    ],
    [
      'replaces an event by bytes that hold none',
      async ({ rows: [{ stream }] }) => {
        await client.zremrangebyscore(keys.stream(stream), 2, 2)
        await client.zadd(keys.stream(stream), 2, 'nothing')
      },
      at('mac', 2),
    ],
    [
      'replaces the last event by bytes that hold none',
      async ({ rows }) => {
        const last = rows.length - 1
        await client.zremrangebyscore(keys.stream(rows[0].stream), last, last)
        await client.zadd(keys.stream(rows[0].stream), last, 'nothing')
      },
      ({ rows }) => ({ problem: 'mac', stream: rows[0].stream, sequence: rows.length - 1 }),
    ],
    [
      'adds a stream to the list of streams, and nothing else',
      async () => void (await client.zadd(keys.streams, 0, forgedStream)),
      () => undefined,
    ],
    [
      'adds a checkpoint that is none',
      async () => void (await client.zadd(keys.checkpoints, 0, 'no time\nabc\nnothing')),
      () => ({ problem: 'checkpoint', checkpoint: 'abc' }),
    ],
  ]

  trailSuite({
    name: 'Redis',
    setting: {
      own,
      async open() {
        const { store, prefix } = await freshStore(client)
        keys = keysOf(prefix)
        return {
          store,
          raw: {
            async put(row) {
              await remove(row)
              await add(row)
              await client.zadd(keys.streams, 0, row.stream)
            },
            remove,
            // Rows of Redis are found by the list of streams: one that it does not name is found by their entries.
            forgetStreams: async () => {},
            forgetCheckpoints: async () => void (await client.del(keys.checkpoints)),
          },
          cleanup: async () => {},
        }
      },
    },
  })
})
