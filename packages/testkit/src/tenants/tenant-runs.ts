// Random operations of tenants on vaults of one store: each answer, and each own log, held against the model's.

import { isVaultError, type Permission, type Vault } from '@mcpvault/core'
import { expect } from 'vitest'
import { seeded } from '../random.ts'
import { type Shown, tenantModel } from './tenant-model.ts'
import { type Operand, type Operation, operations } from './tenant-operations.ts'
import { owners, type Tenant, tenants } from './tenants.ts'

const names = ['token', 'Token', 'key']
const permissions: readonly Permission[] = ['read', 'write', 'admin']
const deployments = [undefined, 'prod', 'test']
const tagSets = [undefined, [], ['ci'], ['ci', 'prod']]
const outcomes = ['allowed', 'denied', 'missing', 'failed'] as const

export interface TenantRun {
  /** With `tenantPolicy`. They take turns at random. */
  readonly vaults: readonly Vault[]
  readonly seed: number
  readonly operations: number
}

/** A call that was made, as its principal's log must show it. */
interface Past {
  readonly vault: Vault
  readonly actor: Tenant
  readonly correlationId: string
  readonly shown: readonly Shown[]
}

/** How many of the calls before an own log is searched for. */
const remembered = 200

export async function runTenants({ vaults, seed, operations: count }: TenantRun): Promise<void> {
  const random = seeded(seed)
  const model = tenantModel()
  const among = <T>(choices: readonly T[]): T => pick(choices, random)
  const past: Past[] = []
  for (let index = 0; index < count; index++) {
    const vault = among(vaults)
    const owner = among(owners)
    // Owners are a fifth of all, and do half of the work: what nobody shares, nobody else can reach.
    const actor = random() < 0.4 ? owner : among(tenants)
    const correlationId = `${seed}-${index}`
    const operand: Operand = {
      actor,
      owner: owner.id,
      name: among(names),
      deployment: among(deployments),
      value: `of ${owner.id}, ${index}`,
      tags: among(tagSets),
      version: among([1, 2, 3, 5, 8]),
      grantee: among(tenants).id,
      grant: { permission: among(permissions), deployment: among(deployments) },
      correlationId,
    }
    const operation = among(operations)
    const about = `seed ${seed}, operation ${index}: ${actor.id} does ${operation.verb} to ${owner.id}/${operand.name}`
    const expected = operation.expect(model, operand)
    expect(await answerOf(operation, { vault, operand }), about).toEqual(expected.answer)
    past.push({ vault, actor, correlationId, shown: expected.shown })
    if (past.length > remembered) past.shift()
    if (index % 5 === 0) await checkLog(among(past), { outcome: among(outcomes), about })
  }
}

async function answerOf(
  operation: Operation,
  { vault, operand }: { readonly vault: Vault; readonly operand: Operand },
): Promise<unknown> {
  const { actor, deployment, correlationId, owner } = operand
  const context = { correlationId, ...(deployment === undefined ? {} : { deploymentId: deployment }) }
  const session = vault.as(actor, context)
  try {
    return await operation.run(session.scope({ owner, server: 'github' }), operand, session)
  } catch (error) {
    if (isVaultError(error)) return error.code
    throw error
  }
}

/** Holds what a principal's own log shows of one of its calls against the model, in full and by a filter. */
async function checkLog(
  { vault, actor, correlationId, shown }: Past,
  { outcome, about }: { readonly outcome: Shown['outcome']; readonly about: string },
): Promise<void> {
  const session = vault.as(actor)
  const seen = async (filter: { readonly outcomes?: readonly Shown['outcome'][] }): Promise<readonly string[]> => {
    const { items } = await session.auditLog({ correlationId, principal: actor.id, ...filter })
    return items
      .filter(({ event }) => event.outcome !== 'intent')
      .map(({ event }) => `${event.action} ${event.outcome} ${event.secretId !== undefined}`)
      .sort()
  }
  const expected = (events: readonly Shown[]): readonly string[] =>
    events.map((one) => `${one.action} ${one.outcome} ${one.hasId}`).sort()
  expect(await seen({}), `the log of ${correlationId} after ${about}`).toEqual(expected(shown))
  const found = shown.filter((one) => one.outcome === outcome)
  expect(await seen({ outcomes: [outcome] }), `${outcome} of ${correlationId} after ${about}`).toEqual(expected(found))
}

function pick<T>(choices: readonly T[], random: () => number): T {
  const index = Math.floor(random() * choices.length)
  for (const choice of choices.slice(index, index + 1)) return choice
  throw new Error('There is nothing to choose from.')
}
