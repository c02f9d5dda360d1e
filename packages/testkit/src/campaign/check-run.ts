// Looks at what a run left behind, with the faults gone: against every state that the answers allow.

import { type AuditOutcome, createVault, type KeyProvider, type Vault, type VaultStore } from '@mcpvault/core'
import { expect } from 'vitest'
import { operatorPrincipal, testPolicy } from '../vaults/principals.ts'
import { driven, type Time } from './manual-time.ts'
import { type Model, owner, same, server } from './model.ts'
import type { CampaignRun } from './step-run.ts'

/** A vault that campaigns use. */
export function campaignVault(parts: {
  readonly store: VaultStore
  readonly time: Time
  readonly keys: KeyProvider
  readonly audit: 'required' | 'buffered'
}): Vault {
  const { audit, time, ...rest } = parts
  return createVault({
    ...rest,
    clock: time.clock,
    policy: testPolicy,
    audit: { mode: audit },
    limits: { versions: 100 },
  })
}

interface Check {
  readonly plain: VaultStore
  readonly vault: Vault
  readonly time: Time
  readonly keys: KeyProvider
  readonly run: Pick<CampaignRun, 'models' | 'acknowledged'>
  readonly audit: 'required' | 'buffered'
  readonly about: string
}

/** With the faults gone: nothing lost, nothing twice, everything readable by both vaults, the trail whole. */
export async function checkAll(check: Check): Promise<void> {
  const { plain, vault, time, keys, run, audit, about } = check
  const fresh = campaignVault({ store: plain, time, keys, audit })
  expect(await listedOtherwise(plain, run.models()), `${about}: one way of reading has it, another has not`).toEqual([])
  for (const each of [vault, fresh]) {
    const seen = await driven(time, observe(plain, each))
    const possible = run.models().some((model) => same(model, seen))
    expect(possible, `${about}: ${JSON.stringify(seen)} is none of ${JSON.stringify(run.models())}`).toBe(true)
    await driven(time, worksOn(each))
  }
  await driven(time, vault.close())
  const report = await driven(time, fresh.operator(operatorPrincipal).verifyAudit())
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
  await driven(time, fresh.close())
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

/** Names that a list, a search for one and a read of the whole scope do not agree on. */
async function listedOtherwise(plain: VaultStore, models: readonly Model[]): Promise<readonly string[]> {
  const listed = await plain.secrets.list({ owner, states: ['active'], limit: 1_000 })
  const inList = new Set(listed.map(({ ref }) => ref.name))
  const inScope = new Set((await plain.secrets.findAll({ owner, server }, { limit: 1_000 })).map(({ ref }) => ref.name))
  const names = new Set([...inList, ...inScope, ...models.flatMap((model) => Object.keys(model))])
  const differing: string[] = []
  for (const name of names) {
    const found = await plain.secrets.find({ owner, server, name }, 'current')
    const ways = [found?.state === 'active', inList.has(name), inScope.has(name)]
    if (new Set(ways).size > 1) differing.push(name)
  }
  return differing
}

const probe = 'probe'

async function worksOn(vault: Vault): Promise<void> {
  const scope = vault.as({ id: owner }).scope({ server })
  await scope.set(probe, 'still at work')
  expect((await scope.get(probe))?.reveal()).toBe('still at work')
}
