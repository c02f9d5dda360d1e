// A server that is restarted under a process that listens to no event of its clients: the process goes on.
import { describeWith, type RedisServer, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { type WorkerProgram, workerProgram } from '@mcpvault/testkit/history'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { jobs } from './support/restart-program.ts'

let program: WorkerProgram<typeof jobs>
beforeAll(async () => {
  const entry = new URL('support/restart-program.ts', import.meta.url)
  program = await workerProgram<typeof jobs>({ entry, external: ['ioredis'] })
})
afterAll(() => program.remove())

async function liveThrough(servers: readonly RedisServer[], end: 'pause' | 'kill'): Promise<void> {
  const process = program.start()
  const nodes = servers.map(({ host, port }) => ({ host, port }))
  await process.run('open', { nodes, prefix: `restarted:${end}` })
  await Promise.all(servers.map((server) => server[end]()))
  expect(await process.run('get', undefined)).toBe('VAULT_STORE_FAILED')
  await Promise.all(servers.map((server) => server.start()))
  await eventually(async () => expect(await process.run('get', undefined)).toBeUndefined())
  expect(await process.run('set', undefined)).toBeGreaterThan(1)
  const { warnings, printed } = await process.run('report', undefined)
  expect(printed).toEqual([])
  expect(warnings).toContainEqual({
    fields: { store: 'redis', error: expect.any(String) },
    message: 'The connection to the database failed.',
  })
  // Two clients lost their connection once each, and tried many times.
  expect(warnings.length).toBeLessThanOrEqual(4)
  await process.kill()
}

describeWith('a Redis that is restarted', startRedis, (server) => {
  test.each(['pause', 'kill'] as const)('by %s ends no process', (end) => liveThrough([server()], end))
})

describeWith('a Redis cluster that is restarted', startRedisCluster, (cluster) => {
  test('ends no process', () => liveThrough(cluster().nodes, 'kill'))
})
