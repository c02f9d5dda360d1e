// Every server of the kit starts, answers, keeps its data over a crash, and is gone afterwards.
import { existsSync } from 'node:fs'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describeWith, startBao, startMongo, startPostgres, startRedis, startRedisCluster } from '../src/index.ts'
import { accepts } from '../src/ports.ts'

describeWith('Postgres', startPostgres, (server) => {
  const query = async (url: string, text: string): Promise<readonly unknown[]> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }

  it('gives each caller a database of its own', async () => {
    const [one, other] = [await server().newDatabase(), await server().newDatabase()]
    await query(one, 'CREATE TABLE only_here (id integer)')
    await expect(query(other, 'SELECT * FROM only_here')).rejects.toMatchObject({ code: '42P01' })
  })

  it('keeps what was committed over a crash', async () => {
    const url = await server().newDatabase()
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS id')
    await server().kill()
    expect(await accepts(server())).toBe(false)
    await server().start()
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
  })

  it('has a replica that follows it', async () => {
    const replica = await server().standby()
    try {
      expect(await query(replica.url, 'SELECT pg_is_in_recovery() AS follows')).toEqual([{ follows: true }])
    } finally {
      await replica.stop()
    }
  })
})

describeWith('Redis', startRedis, (server) => {
  it('keeps what was acknowledged over a crash', async () => {
    expect(await server().call('SET', 'a', 'kept')).toBe('OK')
    await server().kill()
    await server().start()
    expect(await server().call('GET', 'a')).toBe('kept')
  })

  it('is gone with its files once it was stopped', async () => {
    const other = await startRedis()
    const answer = await other.call('CONFIG', 'GET', 'dir')
    const folder = String(Array.isArray(answer) ? answer[1] : undefined)
    expect(existsSync(folder)).toBe(true)
    await other.stop()
    expect(await accepts(other)).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })
})

describeWith('a Redis cluster', startRedisCluster, (cluster) => {
  it('has three masters that know each other, and moves a slot between them', async () => {
    const [first, second] = cluster().nodes
    const slot = Number(await first?.call('CLUSTER', 'KEYSLOT', 'key-of-slot'))
    const holders = cluster().nodes.map(async (node) =>
      node.call('GET', 'key-of-slot').then(
        () => true,
        () => false,
      ),
    )
    const from = (await Promise.all(holders)).indexOf(true)
    const to = (from + 1) % 3
    await cluster().nodes[from]?.call('SET', 'key-of-slot', 'moved')
    await cluster().moveSlot({ slot, from, to })
    expect(await cluster().nodes[to]?.call('GET', 'key-of-slot')).toBe('moved')
    expect(second).toBeDefined()
  })
})

describeWith('MongoDB', startMongo, (server) => {
  it('listens, also again after a crash', async () => {
    await server().kill()
    expect(await accepts(server())).toBe(false)
    await server().start()
    expect(await accepts(server())).toBe(true)
  })
})

describeWith('OpenBao', startBao, (server) => {
  it('answers with its token', async () => {
    const headers = { 'x-vault-token': server().token }
    expect((await fetch(`${server().url}/v1/secret/config`, { headers })).status).toBe(200)
  })
})
