// Runs of random steps and of many writers, from a seed: a failure names its seed.

import { generateKey, isVaultError, keyRing, type VaultStore } from '@mcpvault/core'
import { faultStore } from '@mcpvault/core/testing'
import { expect } from 'vitest'
import { seeded } from '../random.ts'
import { operatorPrincipal } from '../vaults/principals.ts'
import { campaignVault, checkAll } from './check-run.ts'
import { gatedStore } from './gated-store.ts'
import { driven, idle, manualTime, type Time } from './manual-time.ts'
import { owner, type Step, same, server } from './model.ts'
import { type CampaignSetting, faultModes, type Stage } from './run-script.ts'
import { createRun } from './step-run.ts'
import { destroy, get, getAll, patch, remove, restore, set, share, undelete } from './steps.ts'

/** A run on a stage, with whatever breaks there. */
export interface RandomRun {
  readonly random: () => number
  readonly audit: 'required' | 'buffered'
  readonly time: Time
  readonly stage: Stage
  readonly about: string
}

const writers = 5

/** A stage whose store fails two or three times at random within the first operations. */
export async function failingStage(parts: {
  readonly seed: number
  readonly makeStore: CampaignSetting['makeStore']
  readonly within: number
}): Promise<RandomRun> {
  const { seed, makeStore, within } = parts
  const random = seeded(seed)
  const time = manualTime()
  const plain = time.waitingFor(await makeStore(time.clock))
  const audit = random() < 0.5 ? 'required' : 'buffered'
  const gate = gatedStore(plain, (store) => failingStore(random, { plain: store, within }))
  return { random, audit, time, stage: { plain, ...gate }, about: `seed ${seed}, ${audit}` }
}

function failingStore(random: () => number, { plain, within }: { plain: VaultStore; within: number }): VaultStore {
  let store = plain
  for (let fault = random() < 0.5 ? 2 : 3; fault > 0; fault--) {
    const mode = faultModes[Math.floor(random() * faultModes.length)] ?? 'before'
    store = faultStore(store, { failAt: 1 + Math.floor(random() * within), mode })
  }
  return store
}

/** One caller takes steps at random, one after another. */
export async function oneCaller({ random, audit, time, stage, about }: RandomRun): Promise<void> {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  stage.arm()
  const vault = campaignVault({ store: stage.store, time, keys, audit })
  const run = createRun({ vault, time, about, decided: stage.decided })
  for (let index = 0; index < 12; index++) await run.take(randomStep(random, index))
  await run.settle()
  await stage.decided?.()
  stage.disarm()
  await checkAll({ plain: stage.plain, vault, time, keys, run, audit, about })
}

function randomStep(random: () => number, index: number): Step {
  const name = random() < 0.6 ? 'token' : 'form'
  const steps = [
    () => (name === 'form' ? set(name, JSON.stringify({ a: `${index}` })) : set(name, `value ${index}`)),
    () => set(name, name === 'form' ? JSON.stringify({ a: `${index}` }) : `value ${index}`),
    () => get(name),
    () => getAll(),
    () => patch('form', `f${index + 10}`),
    () => restore(name, 1),
    () => remove(name),
    () => undelete(name),
    () => destroy(name),
    () => share(name, { grantee: 'bob', permission: random() < 0.5 ? 'read' : 'write' }),
  ]
  const pick = steps[Math.floor(random() * steps.length)] ?? getAll
  return pick()
}

/** Writers of one secret, all at once. */
export async function manyWriters({ audit, time, stage, about }: RandomRun): Promise<void> {
  const { plain } = stage
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  stage.arm()
  const vault = campaignVault({ store: stage.store, time, keys, audit })
  const acked = new Map<string, number>()
  const writer = async (number: number): Promise<void> => {
    const scope = vault.as({ id: owner }, { correlationId: `writer ${number}` }).scope({ server })
    for (let turn = 0; turn < 4; turn++) {
      const value = `writer ${number} turn ${turn}`
      try {
        acked.set(value, (await scope.set('shared', value)).version)
        await scope.get('shared')
      } catch (error) {
        if (!isVaultError(error) || !error.retryable) throw new Error(about, { cause: error })
      }
    }
  }
  await driven(time, Promise.all(Array.from({ length: writers }, (_, number) => writer(number))))
  await idle(time, 70_000)
  await stage.decided?.()
  stage.disarm()

  const values = await driven(time, versionsOf(vault))
  expect(new Set(values).size, `${about}: a value twice`).toBe(values.length)
  for (const [value, version] of acked) expect(values[version - 1], about).toBe(value)
  const fresh = campaignVault({ store: plain, time, keys, audit })
  expect(same(await driven(time, versionsOf(fresh)), values), about).toBe(true)
  await driven(time, vault.close())
  expect((await driven(time, fresh.operator(operatorPrincipal).verifyAudit())).problems, about).toEqual([])
  await checkSetEvents(plain, { acked: acked.size, about })
}

async function versionsOf(vault: ReturnType<typeof campaignVault>): Promise<readonly string[]> {
  const scope = vault.as({ id: owner }).scope({ server })
  const values: string[] = []
  const history = (await scope.history('shared')) ?? []
  for (const [index, { version }] of [...history].reverse().entries()) {
    expect(version).toBe(index + 1)
    values.push((await scope.get('shared', { version }))?.reveal() ?? '')
  }
  return values
}

async function checkSetEvents(plain: VaultStore, { acked, about }: { acked: number; about: string }): Promise<void> {
  const actions = ['secret.created', 'secret.updated'] as const
  const rows = await plain.audit.query({ actions, outcomes: ['allowed'] }, { limit: 1_000 })
  expect(rows.length, `${about}: events of writes`).toBeGreaterThanOrEqual(acked)
}
