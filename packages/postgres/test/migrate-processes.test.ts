// Processes that make one schema at the same moment: one takes the steps, and all go on with it.
import { generateKey } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { type WorkerProgram, workerProgram } from '@mcpvault/testkit/history'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PostgresJobs } from './support/vault-program.ts'

const rounds = 5

describeWith('a schema of two processes', startPostgres, (server) => {
  let program: WorkerProgram<PostgresJobs>
  beforeAll(async () => {
    program = await workerProgram({ entry: new URL('support/vault-program.ts', import.meta.url), external: ['pg'] })
  })
  afterAll(() => program.remove())

  test.each(['public', 'own'])('[A10] of the name %s is made by one of them, and both go on', async (schema) => {
    const workers = [program.start(), program.start()]
    for (let round = 0; round < rounds; round += 1) {
      const url = await server().newDatabase()
      await Promise.all(workers.map((worker) => worker.run('connect', { url })))
      // Both are connected and idle: the one that comes second finds the other one at work.
      const reports = await Promise.all(workers.map((worker) => worker.run('migrate', { schema })))
      expect(reports.filter(({ applied }) => applied.length > 0)).toHaveLength(1)
      expect(new Set(reports.map(({ version }) => version)).size).toBe(1)
      const at = { address: { url, schema, watch: false }, masterKey: generateKey(), limits: {} }
      await Promise.all(workers.map((worker) => worker.run('hold', at)))
      await Promise.all(workers.map((worker) => worker.run('letGo', undefined)))
    }
    await Promise.all(workers.map((worker) => worker.kill()))
  })
})
