// Random operations of tenants on vaults of one store, each answer held against the model's.

import { isVaultError, type Permission, type SecretScope, type Vault } from '@mcpvault/core'
import { expect } from 'vitest'
import { seeded } from '../random.ts'
import { type TenantCall, tenantModel } from './tenant-model.ts'

const tenants = ['alice', 'bob', 'carol', 'alice ', 'Alice']
const names = ['token', 'Token', 'key']
const permissions: readonly Permission[] = ['read', 'write', 'admin']

export interface TenantRun {
  /** They take turns at random. */
  readonly vaults: readonly Vault[]
  readonly seed: number
  readonly operations: number
}

export async function runTenants({ vaults, seed, operations: count }: TenantRun): Promise<void> {
  const random = seeded(seed)
  const model = tenantModel()
  const among = <T>(choices: readonly T[]): T => pick(choices, random)
  const present = tenants.slice(0, 2 + (seed % 4))
  for (let index = 0; index < count; index++) {
    const vault = among(vaults)
    const call: TenantCall = { actor: among(present), owner: among(present), name: among(names) }
    const operation = among(operations)
    const extra = { value: `of ${call.owner}, ${index}`, grantee: among(present), permission: among(permissions) }
    const expected = operation.expect(model, { ...call, ...extra })
    const answer = await answerOf(operation, { vault, call: { ...call, ...extra } })
    const about = `seed ${seed}, operation ${index}: ${call.actor} does ${operation.verb} to ${call.owner}/${call.name}`
    expect(answer, about).toEqual(expected)
  }
}

interface Operand extends TenantCall {
  readonly value: string
  readonly grantee: string
  readonly permission: Permission
}

interface Operation {
  readonly verb: string
  expect(model: ReturnType<typeof tenantModel>, operand: Operand): unknown
  run(scope: SecretScope, operand: Operand, vault: Vault): Promise<unknown>
}

const stateVerbs = ['activate', 'deactivate', 'delete', 'undelete'] as const

const operations: readonly Operation[] = [
  ...[1, 2, 3].map(
    (): Operation => ({
      verb: 'set',
      expect: (model, operand) => model.set(operand, operand.value),
      run: async (scope, { name, value }) => (await scope.set(name, value)) && 'set',
    }),
  ),
  ...[1, 2, 3].map(
    (): Operation => ({
      verb: 'get',
      expect: (model, operand) => model.get(operand),
      run: async (scope, { name }) => (await scope.get(name))?.reveal(),
    }),
  ),
  ...stateVerbs.map(
    (verb): Operation => ({
      verb,
      expect: (model, operand) => model.move(operand, verb),
      run: (scope, { name }) => scope[verb](name),
    }),
  ),
  {
    verb: 'destroy',
    expect: (model, operand) => model.destroy(operand),
    run: (scope, { name }) => scope.destroy(name),
  },
  ...[1, 2].map(
    (): Operation => ({
      verb: 'share',
      expect: (model, operand) => model.share(operand, operand),
      run: async (scope, { name, grantee, permission }) =>
        (await scope.share(name, { with: grantee, permission }))?.permission,
    }),
  ),
  {
    verb: 'unshare',
    expect: (model, operand) => model.unshare(operand, operand.grantee),
    run: (scope, { name, grantee }) => scope.unshare(name, { with: grantee }),
  },
  {
    verb: 'grants',
    expect: (model, operand) => model.grants(operand),
    run: async (scope, { name }) =>
      (await scope.grants(name))?.map(({ principal, permission }) => `${principal} ${permission}`).sort(),
  },
  {
    verb: 'list',
    expect: (model, operand) => model.list(operand),
    run: async (scope) => seenIn((await scope.list({ state: 'any' })).items),
  },
  {
    verb: 'listAll',
    expect: (model, operand) => model.listAll(operand),
    run: async (_, { actor }, vault) => seenIn((await vault.as({ id: actor }).listAll({ state: 'any' })).items),
  },
  {
    verb: 'getAll',
    expect: (model, operand) => model.getAll(operand),
    run: async (scope, { owner }) =>
      [...(await scope.getAll()).values].map(([name, value]) => `${owner}/${name} ${value.reveal()}`).sort(),
  },
]

async function answerOf(operation: Operation, { vault, call }: { vault: Vault; call: Operand }): Promise<unknown> {
  const scope = vault.as({ id: call.actor }).scope({ owner: call.owner, server: 'github' })
  try {
    return await operation.run(scope, call, vault)
  } catch (error) {
    if (isVaultError(error)) return error.code
    throw error
  }
}

function seenIn(items: readonly { readonly owner: string; readonly name: string; readonly state: string }[]): string[] {
  return items.map(({ owner, name, state }) => `${owner}/${name} ${state}`).sort()
}

function pick<T>(choices: readonly T[], random: () => number): T {
  const choice = choices[Math.floor(random() * choices.length)]
  if (choice === undefined) throw new Error('There is nothing to choose from.')
  return choice
}
