// A server that is restarted under a process that listens to no event of its client: the process goes on.
import { eventually } from '@mcpvault/testkit/eventually'
import { type WorkerProgram, workerProgram } from '@mcpvault/testkit/history'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeOnEach } from './support/deployments.ts'
import type { jobs } from './support/restart-program.ts'

let program: WorkerProgram<typeof jobs>
beforeAll(async () => {
  const entry = new URL('support/restart-program.ts', import.meta.url)
  program = await workerProgram<typeof jobs>({ entry, external: ['mongodb'] })
})
afterAll(() => program.remove())

describeOnEach(
  (name) => `${name} that is restarted`,
  ({ server }) => {
    test('ends no process', async () => {
      const process = program.start()
      await process.run('open', { url: server().url, prefix: 'restarted_' })
      await server().kill()
      expect(await process.run('get', undefined)).toBe('VAULT_STORE_FAILED')
      await server().start()
      await eventually(async () => expect(await process.run('get', undefined)).toBeUndefined())
      expect(await process.run('set', undefined)).toBeGreaterThan(1)
      await process.kill()
    })
  },
)
