// The streams of the trail: a page of them takes as many commands as one of them.
import { sampleAuditRow } from '@mcpvault/core/testing'
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisClient, redisStore } from '../src/index.ts'
import { keysOf } from '../src/keys.ts'
import { clientOn, clusterClientOn, freshStore } from './support/stores.ts'

const count = 30
const streamOf = (index: number): string => `${index}`.padStart(32, '0')
const atOf = (index: number): Date => new Date(1_000 + index)

function registerTests(client: () => Redis | Cluster): void {
  /** A store with many streams of two rows each, whose commands are noted. */
  async function filledStore() {
    const { store: direct, prefix } = await freshStore(client())
    for (let index = 0; index < count; index += 1) {
      const rows = [1, 0].map((sequence) => {
        const row = sampleAuditRow({ stream: streamOf(index), sequence })
        return { ...row, columns: { ...row.columns, at: atOf(index + sequence) } }
      })
      await direct.audit.append(rows)
    }
    const commands: string[] = []
    const noting: RedisClient = {
      isCluster: client().isCluster,
      nodes: () => [],
      callBuffer(command, ...args) {
        commands.push(command)
        return client().callBuffer(command, ...args)
      },
    }
    const store = redisStore({ client: noting, prefix, durability: 'best-effort' })
    // The first call finds out whether the keys are there; the script is known from then on.
    await store.audit.streams({ limit: 1 })
    commands.length = 0
    return { store, prefix, commands }
  }

  test('a page of streams takes two commands, however many there are', async () => {
    const { store, commands } = await filledStore()
    const all = await store.audit.streams({ limit: 1_000 })
    expect(all.map(({ stream }) => stream)).toEqual(Array.from({ length: count }, (_, index) => streamOf(index)))
    expect(all[7]).toMatchObject({ firstAt: atOf(7), lastAt: atOf(8), lastSequence: 1, isClosed: false })
    expect(commands).toEqual(['ZRANGEBYLEX', 'EVALSHA'])
  })

  test('a page of active streams takes two commands, and is in order of their ids', async () => {
    const { store, commands } = await filledStore()
    const active = await store.audit.streams({ limit: 5, after: streamOf(3), activeSince: atOf(20) })
    expect(active.map(({ stream }) => stream)).toEqual([19, 20, 21, 22, 23].map(streamOf))
    expect(commands).toEqual(['ZRANGEBYSCORE', 'EVALSHA'])
    const none = await store.audit.streams({ limit: 5, activeSince: atOf(count + 1) })
    expect(none).toEqual([])
  })

  test('a stream whose last row was deleted, or every row, is still listed, so that verification finds the gap', async () => {
    const { store, prefix } = await filledStore()
    const keys = keysOf(prefix)
    await client().zremrangebyscore(keys.stream(streamOf(0)), 1, 1)
    await client().del(keys.stream(streamOf(1)))
    const [first, second, third] = await store.audit.streams({ limit: 3 })
    const gone = { lastSequence: 1, lastMac: new Uint8Array(), isClosed: false }
    expect(first).toMatchObject({ stream: streamOf(0), firstAt: atOf(0), lastAt: atOf(1), ...gone })
    expect(second).toMatchObject({ stream: streamOf(1), ...gone })
    expect(third?.lastMac).toHaveLength(32)
  })
}

describeWith('the streams on Redis', startRedis, (server) => {
  let client: Redis
  beforeAll(() => {
    client = clientOn(server())
  })
  afterAll(() => client.disconnect())
  registerTests(() => client)
})

describeWith('the streams on a Redis cluster', startRedisCluster, (cluster) => {
  let client: Cluster
  beforeAll(() => {
    client = clusterClientOn(cluster())
  })
  afterAll(() => client.disconnect())
  registerTests(() => client)
})
