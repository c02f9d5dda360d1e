// Several faults in one run, among five writers at once, from seeds: a failure names its seed.
import { describe, expect, it } from 'vitest'
import type { VaultStore } from '../../src/contracts/index.ts'
import { isVaultError } from '../../src/errors/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { faultStore, manualClock } from '../../src/testing/index.ts'
import { campaignVault, checkAll, createRun, faultModes } from '../support/campaign.ts'
import { driven, idle, seeded } from '../support/drive.ts'
import type { Step } from '../support/model.ts'
import { owner, same, server } from '../support/model.ts'
import { destroy, get, getAll, patch, remove, restore, set, share, undelete } from '../support/steps.ts'
import { gatedStore } from '../support/switchable.ts'
import { operatorPrincipal } from '../support/vault.ts'
import { storeWith } from './fault-campaign.ts'

const runs = 75
const writers = 5

describe.each([
  ['with transactions', true],
  ['without transactions', false],
])('random faults, store %s', (_, transactions) => {
  it('[S39][S44] one caller after another loses nothing that was acknowledged', async () => {
    for (let seed = 1; seed <= runs; seed++) await oneCaller(seed, { transactions })
  })

  it('[S39][S44][N6] five writers of one secret leave each acknowledged value in one version', async () => {
    for (let seed = 1; seed <= runs; seed++) await manyWriters(seed, { transactions })
  })
})

interface Engine {
  readonly transactions: boolean
}

/** A store that fails two or three times at random within the first operations. */
function failingStore(random: () => number, { plain, within }: { plain: VaultStore; within: number }): VaultStore {
  let store = plain
  for (let fault = random() < 0.5 ? 2 : 3; fault > 0; fault--) {
    const mode = faultModes[Math.floor(random() * faultModes.length)] ?? 'before'
    store = faultStore(store, { failAt: 1 + Math.floor(random() * within), mode })
  }
  return store
}

async function oneCaller(seed: number, engine: Engine): Promise<void> {
  const random = seeded(seed)
  const clock = manualClock()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const plain = storeWith(engine)(clock)
  const audit = random() < 0.5 ? 'required' : 'buffered'
  const gate = gatedStore(plain, (store) => failingStore(random, { plain: store, within: 50 }))
  gate.arm()
  const vault = campaignVault({ store: gate.store, clock, keys, audit })
  const about = `seed ${seed}, ${audit}`
  const run = createRun({ vault, clock, about })
  for (let index = 0; index < 12; index++) await run.take(randomStep(random, index))
  await run.settle()
  gate.disarm()
  await checkAll({ plain, vault, clock, keys, run, audit, about })
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

async function manyWriters(seed: number, engine: Engine): Promise<void> {
  const random = seeded(seed)
  const clock = manualClock()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const plain = storeWith(engine)(clock)
  const audit = random() < 0.5 ? 'required' : 'buffered'
  const gate = gatedStore(plain, (store) => failingStore(random, { plain: store, within: 70 }))
  gate.arm()
  const vault = campaignVault({ store: gate.store, clock, keys, audit })
  const about = `seed ${seed}, ${audit}`
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
  await driven(clock, Promise.all(Array.from({ length: writers }, (_, number) => writer(number))))
  await idle(clock, 70_000)
  gate.disarm()

  const values = await driven(clock, versionsOf(vault))
  expect(new Set(values).size, `${about}: a value twice`).toBe(values.length)
  for (const [value, version] of acked) expect(values[version - 1], about).toBe(value)
  const fresh = campaignVault({ store: plain, clock, keys, audit })
  expect(same(await driven(clock, versionsOf(fresh)), values), about).toBe(true)
  await driven(clock, vault.close())
  expect((await driven(clock, fresh.operator(operatorPrincipal).verifyAudit())).problems, about).toEqual([])
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
