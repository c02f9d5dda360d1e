// The drill of a rotation: thousands of secrets, readers and writers that never rest, and workers that are killed.
import { type Clock, createVault, type KeyProvider, type Vault, type VaultStore } from '@mcpvault/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProgramOptions } from '../bundle.ts'
import { isLong } from '../campaign/extent.ts'
import { concurrently } from '../concurrently.ts'
import { type WorkerProgram, workerProgram } from '../history/worker-process.ts'
import { operatorPrincipal, testPolicy } from '../vaults/principals.ts'
import { expectRekeyed } from '../vaults/rekeyed.ts'
import type { DrillJobs } from './drill-jobs.ts'
import { type Life, workTwice } from './mortal-workers.ts'
import { firstOwners, nameOf, ownerOf, type Population, scopeOf, server, textOf } from './population.ts'

/** A store, and the key provider at each step of a rotation. */
export interface DrillStage<Address> {
  readonly store: VaultStore
  /** As it was before. */
  readonly before: KeyProvider
  /** Makes the new key. Returns the provider that wraps with it and opens both, here and as another process makes it. */
  rotate(): Promise<{ readonly keys: KeyProvider; readonly address: Address }>
  /** Takes the old key away permanently. Returns a provider that has the new one alone. */
  retire(): Promise<KeyProvider>
  cleanup(): Promise<void>
}

export interface DrillSetting<Address> {
  readonly label: string
  /** The program that serves `drillJobs`. */
  readonly program: ProgramOptions
  /** Makes a store that is migrated and empty, and keys that nobody used. */
  open(): Promise<DrillStage<Address>>
  readonly population: Population
  /** With `MCPVAULT_LONG=1`. */
  readonly longPopulation: Population
  readonly tasks: readonly ('rewrap' | 'rekey')[]
}

const atOnce = 16
/** Fewer would show nothing. A machine may be done with a rewrap after seconds, so time alone kills less often. */
const minKills = isLong ? 1 : 3
const limitMs = isLong ? 3_600_000 : 600_000

/** Registers the drill. */
export function drillSuite<Address>(setting: DrillSetting<Address>): void {
  const population = isLong ? setting.longPopulation : setting.population
  describe(`a rotation ${setting.label} of ${population.secrets} secrets`, () => {
    let program: WorkerProgram<DrillJobs<Address>>
    beforeAll(async () => {
      program = await workerProgram(setting.program)
    })
    afterAll(() => program.remove())

    test.each(setting.tasks)(
      '[A37] by a %s whose two workers are killed all the time fails no read, loses no write, and ends the old key',
      { timeout: limitMs },
      async (task) => {
        const stage = await setting.open()
        await fill(stage, population)
        const [oldKeyId = ''] = await stage.before.currentKeyIds()
        const keysBefore = await dataKeyIds(stage.store)
        const { keys, address } = await stage.rotate()
        const [newKeyId = ''] = await keys.currentKeyIds()
        expect(newKeyId).not.toBe(oldKeyId)

        const busy = program.start()
        await busy.run('readAndWrite', { address, population })
        const startedMs = performance.now()
        const kills = await workTwice({
          program,
          task,
          address,
          owners: firstOwners(population),
          life: lifeIn(task, population),
        })
        const tookMs = performance.now() - startedMs
        const traffic = await busy.run('stop', undefined)
        await busy.kill()
        expect(kills).toBeGreaterThanOrEqual(minKills)
        expect(traffic.failures).toEqual([])
        const { reads, writes } = traffic
        const figures = { kills, reads, writes, tookMs: Math.round(tookMs) }
        if (isLong) console.info(`${setting.label}, ${task}: ${JSON.stringify(figures)}`)

        const last = createVault({ store: stage.store, keys, policy: testPolicy, clock: laterClock })
        if (task === 'rekey') {
          await endHolds(stage.store, keysBefore)
          await endRekey(last, population)
        }
        await expectNewKeyAlone(last, { oldKeyId, newKeyId })
        await last.close()
        if (task === 'rekey') await expectNewDataKeys(stage.store, { keysBefore, population })

        const vault = createVault({ store: stage.store, keys: await stage.retire(), policy: testPolicy })
        await expectKept(vault, { population, versions: traffic.versions })
        expect(await vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
        await vault.close()
        await stage.cleanup()
      },
    )
  })
}

/** Killed every second, or so often that a worker gets a small part of the work done in one life. */
function lifeIn(task: 'rewrap' | 'rekey', { secrets, owners }: Population): Life {
  return isLong ? { ms: 1_000 } : { writes: Math.ceil((task === 'rewrap' ? owners : secrets) / 5) }
}

async function fill({ store, before }: DrillStage<unknown>, population: Population): Promise<void> {
  const vault = createVault({ store, keys: before, policy: testPolicy })
  const indexes = Array.from({ length: population.secrets }, (_, index) => index)
  await concurrently(indexes, atOnce, async (index) => {
    await scopeOf(vault, ownerOf(population, index)).set(nameOf(index), textOf(index, 1))
  })
  await vault.close()
}

/** Later than any process may still have an old data key in its cache: a rekey removes those then. */
const laterClock: Clock = {
  now: () => new Date(Date.now() + 2 * 3_600_000),
  monotonicMs: () => performance.now(),
  schedule(task, delayMs) {
    const timer = setTimeout(task, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** As when the time has passed by the clock of the store too, by which a rekey holds what it has retired. */
async function endHolds({ locks }: VaultStore, keyIds: ReadonlySet<string>): Promise<void> {
  await concurrently([...keyIds], atOnce, async (id) => locks.release(`retired-key/${id}`, 'retired'))
}

/** The second run, which seals again what was written under an old data key meanwhile, and removes that key. */
async function endRekey(vault: Vault, population: Population): Promise<void> {
  await concurrently(firstOwners(population), atOnce, async (owner) => {
    const report = await vault.operator(operatorPrincipal).rekey({ owner, server })
    expect(report, owner).toMatchObject({ resumed: true, skipped: [], keptKeys: 0 })
  })
}

async function expectNewKeyAlone(
  vault: Vault,
  { oldKeyId, newKeyId }: { readonly oldKeyId: string; readonly newKeyId: string },
): Promise<void> {
  const operator = vault.operator(operatorPrincipal)
  // A rewrap left nothing; a rekey leaves the root of the audit trail, and who came meanwhile has the new key anyway.
  expect(await operator.rewrap()).toMatchObject({ quarantined: [], foreign: new Map() })
  expect([...(await operator.census()).byKeyId.keys()]).toEqual([newKeyId])
  await operator.assertRetirable(oldKeyId)
}

async function expectNewDataKeys(
  store: VaultStore,
  { keysBefore, population }: { readonly keysBefore: ReadonlySet<string>; readonly population: Population },
): Promise<void> {
  const kept = [...(await dataKeyIds(store))].filter((id) => keysBefore.has(id))
  expect(kept).toEqual([])
  await concurrently(firstOwners(population), atOnce, async (owner) => {
    await expectRekeyed(store, { owner, server })
  })
}

/** The data keys of secrets. */
async function dataKeyIds(store: VaultStore): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  const limit = 1_000
  let after: string | undefined
  do {
    const rows = await store.dataKeys.list({ limit, ...(after === undefined ? {} : { after }) })
    for (const { id, scope } of rows) if (scope.kind === 'values') ids.add(id)
    after = rows.length < limit ? undefined : rows.at(-1)?.id
  } while (after !== undefined)
  return ids
}

/** Every secret has the version that was acknowledged last, with its value. */
async function expectKept(
  vault: Vault,
  { population, versions }: { readonly population: Population; readonly versions: readonly number[] },
): Promise<void> {
  await concurrently([...versions.keys()], atOnce, async (index) => {
    const found = await scopeOf(vault, ownerOf(population, index)).get(nameOf(index))
    const version = versions[index] ?? 0
    expect([found?.version, found?.reveal()], nameOf(index)).toEqual([version, textOf(index, version)])
  })
}
