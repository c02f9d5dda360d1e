// A process that copies a vault is killed; the next one goes on where it was, and ends with all of it.
import { join } from 'node:path'
import { type WorkerProgram, workerProgram } from '@mcpvault/testkit/history'
import { seeded } from '@mcpvault/testkit/random'
import { contentsOf, expectLivedIn, liveIn, mover } from '@mcpvault/testkit/suites'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CopyDone, CopyJobs } from './support/copy-program.ts'
import { drivers, freshStore, openStore, temporaryFolder } from './support/databases.ts'

const kills = 10

describe.each(drivers)('copying a vault between files of %s', (driver) => {
  let program: WorkerProgram<CopyJobs>
  beforeAll(async () => {
    program = await workerProgram({ entry: new URL('support/copy-program.ts', import.meta.url), external: ['libsql'] })
  })
  afterAll(() => program.remove())

  const freshPath = (): string => join(temporaryFolder(), 'copy.db')

  function copyToEnd(from: string, to: string): Promise<CopyDone> {
    return program.start().run('copy', { driver, from, to, haltAt: 0, halt: 'hang' })
  }

  /** Kills a process that copies while it stands at a call, done or not. */
  async function killAt(haltAt: number, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
    const process = program.start()
    const halt = haltAt % 2 === 0 ? 'hang' : 'hang-after'
    const copying = process.run('copy', { driver, from, to, haltAt, halt }, () => void process.kill())
    await expect(copying).rejects.toThrow('SIGKILL')
  }

  test('goes on after the process was killed at any call, and ends with the same', async () => {
    const { vaultOn } = mover()
    const { store, path: from } = await freshStore(driver)
    await liveIn(store, vaultOn)
    const contents = await contentsOf(store)
    const whole = await copyToEnd(from, freshPath())
    const random = seeded(5)
    const left = new Set<number>()
    for (let kill = 0; kill < kills; kill += 1) {
      const to = freshPath()
      // One point in each part of the work, so that some secrets are there and others not.
      await killAt(1 + Math.floor(((kill + random()) / kills) * whole.calls), { from, to })
      const copy = openStore({ path: to, driver })
      left.add((await copy.secrets.list({ limit: 1_000 })).length)
      const { report } = await copyToEnd(from, to)
      expect(report).toEqual(whole.report)
      expect(await copy.integrity()).toEqual([])
      expect(await contentsOf(copy)).toEqual(contents)
      await expectLivedIn(copy, vaultOn)
    }
    expect([...left].filter((secrets) => secrets > 0 && secrets < whole.report.secrets).length).toBeGreaterThan(1)
  })

  test('goes on after one process after the other was killed', async () => {
    const { vaultOn } = mover()
    const { store, path: from } = await freshStore(driver)
    await liveIn(store, vaultOn)
    const to = freshPath()
    for (let kill = 1; kill <= kills; kill += 1) await killAt(kill * 30, { from, to })
    await copyToEnd(from, to)
    const copy = openStore({ path: to, driver })
    expect(await contentsOf(copy)).toEqual(await contentsOf(store))
    await expectLivedIn(copy, vaultOn)
  })
})
