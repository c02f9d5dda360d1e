// Runs a script on a store that fails, and checks what is left against every state that the answers allow.
import { expect } from 'vitest'
import type { AuditOutcome, KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { isVaultError } from '../../src/errors/index.ts'
import { type FaultStoreOptions, faultStore, type ManualClock, manualClock } from '../../src/testing/index.ts'
import { createVault, type Vault } from '../../src/vault/create-vault.ts'
import { driven, idle } from './drive.ts'
import { acknowledged, type Model, owner, type Step, same, server, unknown, type World } from './model.ts'
import { gatedStore, rotatingKeys } from './switchable.ts'
import { operatorPrincipal, testPolicy } from './vault.ts'

/** A vault and its store for one run. */
export interface CampaignSetting {
  readonly audit: 'required' | 'buffered'
  makeStore(clock: ManualClock): VaultStore | Promise<VaultStore>
}

/** What a run does: without faults at first, then with. */
export interface Script {
  readonly label: string
  /** Empty for a vault that is opened by the first step. */
  readonly setup: readonly Step[]
  readonly steps: readonly Step[]
  /** A new key is current once the setup is done. */
  readonly rotates?: true
}

export interface Fault {
  readonly failAt: number
  readonly mode: FaultStoreOptions['mode']
}

export const faultModes = ['before', 'after', 'hang', 'hang-after'] as const

/** Fails every operation of a script in its turn, in every mode, and gives the number of runs. */
export async function failEach(script: Script, setting: CampaignSetting): Promise<number> {
  let runs = 0
  for (const mode of faultModes) {
    for (let failAt = 1; ; failAt++, runs++) {
      const failed = await runScript({ script, setting, fault: { failAt, mode } })
      if (failed === undefined) break
    }
  }
  return runs
}

/** One run with the fault counted from the end of the setup. Gives the name of the operation that failed. */
async function runScript(run: {
  readonly script: Script
  readonly setting: CampaignSetting
  readonly fault: Fault
}): Promise<string | undefined> {
  const { script, setting, fault } = run
  const { mode, failAt } = fault
  const clock = manualClock()
  const keys = rotatingKeys()
  const plain = await setting.makeStore(clock)
  const gate = gatedStore(plain, (store) => faultStore(store, { failAt, mode }))
  const vault = campaignVault({ store: gate.store, clock, keys: keys.provider, audit: setting.audit })
  const about = `${script.label}: ${mode} at operation ${failAt}`
  const steps = createRun({ vault, clock, about })
  for (const step of script.setup) await steps.take(step)
  if (script.rotates) keys.rotate()
  gate.arm()
  for (const step of script.steps) await steps.take(step)
  await steps.settle()
  gate.disarm()
  expect(steps.failures(), `${about}: more calls failed than faults`).toBeLessThanOrEqual(1)
  await checkAll({ plain, vault, clock, keys: keys.provider, run: steps, about, audit: setting.audit })
  return gate.broken.failed
}

/** Steps taken so far, and what may be true after them. */
export interface CampaignRun {
  take(step: Step): Promise<void>
  /** Lets batches, counts of uses and checkpoints be written. */
  settle(): Promise<void>
  models(): readonly Model[]
  failures(): number
  /** The correlation ids of acknowledged steps. */
  acknowledged(): ReadonlyMap<string, Step>
}

export function createRun(parts: {
  readonly vault: Vault
  readonly clock: ManualClock
  readonly about: string
}): CampaignRun {
  const { vault, clock, about } = parts
  let models: readonly Model[] = [{}]
  let failures = 0
  let taken = 0
  const acked = new Map<string, Step>()

  async function attempt(step: Step): Promise<boolean> {
    const correlationId = `${++taken} ${step.label}`
    const world: World = {
      vault,
      correlationId,
      scope: () => vault.as({ id: owner }, { correlationId }).scope({ server }),
    }
    try {
      const answer = await driven(clock, step.run(world))
      models = acknowledged(models, step, answer)
      expect(models, `${about}: ${correlationId} answered ${JSON.stringify(answer)}`).not.toEqual([])
      acked.set(correlationId, step)
      return true
    } catch (error) {
      if (!isExpected(error)) throw new Error(`${about}: ${correlationId} must not fail like this`, { cause: error })
      failures += 1
      models = unknown(models, step)
      return false
    }
  }

  return {
    async take(step) {
      const done = await attempt(step)
      if (!done && step.again) expect(await attempt(step), `${about}: ${step.label} again`).toBe(true)
    },
    settle: () => idle(clock, 70_000),
    models: () => models,
    failures: () => failures,
    acknowledged: () => acked,
  }
}

function isExpected(error: unknown): boolean {
  if (isVaultError(error)) return error.retryable
  return error instanceof Error && 'code' in error && error.code === 'VAULT_STORE_FAILED'
}

export function campaignVault(parts: {
  readonly store: VaultStore
  readonly clock: ManualClock
  readonly keys: KeyProvider
  readonly audit: 'required' | 'buffered'
}): Vault {
  const { audit, ...rest } = parts
  return createVault({ ...rest, policy: testPolicy, audit: { mode: audit }, limits: { versions: 100 } })
}

interface Check {
  readonly plain: VaultStore
  readonly vault: Vault
  readonly clock: ManualClock
  readonly keys: KeyProvider
  readonly run: Pick<CampaignRun, 'models' | 'acknowledged'>
  readonly audit: 'required' | 'buffered'
  readonly about: string
}

/** With the faults gone: nothing lost, nothing twice, everything readable by both vaults, the trail whole. */
export async function checkAll(check: Check): Promise<void> {
  const { plain, vault, clock, keys, run, audit, about } = check
  const fresh = campaignVault({ store: plain, clock, keys, audit })
  for (const each of [vault, fresh]) {
    const seen = await driven(clock, observe(plain, each))
    const possible = run.models().some((model) => same(model, seen))
    expect(possible, `${about}: ${JSON.stringify(seen)} is none of ${JSON.stringify(run.models())}`).toBe(true)
    await driven(clock, worksOn(each))
  }
  await driven(clock, vault.close())
  const report = await driven(clock, fresh.operator(operatorPrincipal).verifyAudit())
  expect(report.problems, about).toEqual([])
  for (const [correlationId, step] of run.acknowledged()) {
    const outcomes = await outcomesOf(plain, correlationId)
    const told = outcomes.filter((outcome) => outcome !== 'intent')
    const isOne = ['set', 'get ', 'patch', 'restore', 'share', 'delete', 'destroy'].some((verb) =>
      step.label.startsWith(verb),
    )
    expect(told.length, `${about}: events of ${correlationId}`).toBeGreaterThanOrEqual(1)
    if (isOne) expect(told, `${about}: events of ${correlationId}`).toHaveLength(1)
    expect(told, `${about}: events of ${correlationId}`).not.toContain('failed')
  }
  await driven(clock, fresh.close())
}

async function outcomesOf(store: VaultStore, correlationId: string): Promise<readonly AuditOutcome[]> {
  const rows = await store.audit.query({ correlationId }, { limit: 100 })
  return rows.map(({ columns }) => columns.outcome)
}

/** The secrets of alice as the store has them and this vault opens them. */
async function observe(plain: VaultStore, vault: Vault): Promise<Model> {
  const scope = vault.as({ id: owner }).scope({ server })
  const seen: Record<string, Model[string]> = {}
  for (const { ref } of await plain.secrets.list({ owner, limit: 1_000 })) {
    const record = await plain.secrets.find(ref, 'all')
    if (record === undefined || ref.name === probe) continue
    const state = record.state === 'deleted' ? 'deleted' : 'active'
    if (state === 'deleted') await scope.undelete(ref.name)
    expect(record.versions.map(({ version }) => version)).toEqual(record.versions.map((_, index) => index + 1))
    expect(record.currentVersion).toBe(record.versions.length)
    const values = []
    for (const { version } of record.versions) values.push((await scope.get(ref.name, { version }))?.reveal() ?? '')
    const grants = Object.fromEntries(record.grants.map(({ principal, permission }) => [principal, permission]))
    seen[ref.name] = { values, state, grants }
    if (state === 'deleted') await scope.delete(ref.name)
  }
  return seen
}

const probe = 'probe'

async function worksOn(vault: Vault): Promise<void> {
  const scope = vault.as({ id: owner }).scope({ server })
  await scope.set(probe, 'still at work')
  expect((await scope.get(probe))?.reveal()).toBe('still at work')
}
