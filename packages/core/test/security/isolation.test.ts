// Tenants reach what is theirs or was given to them, and nothing else: random operations against a model.
import { describe, expect, it } from 'vitest'
import type { Permission } from '../../src/contracts/index.ts'
import { isVaultError } from '../../src/errors/index.ts'
import type { Vault } from '../../src/vault/create-vault.ts'
import type { SecretScope } from '../../src/vault/scope.ts'
import { seeded } from '../support/drive.ts'
import { type TenantCall, tenantModel } from '../support/tenants.ts'
import { operatorPrincipal, testVault } from '../support/vault.ts'

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const operationsPerSeed = 1_250
const tenants = ['alice', 'bob', 'carol', 'alice ', 'Alice']
const names = ['token', 'Token', 'key']
const permissions: readonly Permission[] = ['read', 'write', 'admin']

describe('tenants', () => {
  it.each(seeds)('[S38][N14][N1] see in random operations what the model says, seed %i', async (seed) => {
    const random = seeded(seed)
    const test = testVault({ audit: { mode: seed % 2 === 0 ? 'required' : 'buffered' } })
    // Two vaults on one store, like two processes, take turns at random.
    const vaults = [test.vault, test.other()]
    const model = tenantModel()
    const among = <T>(choices: readonly [T, ...T[]] | readonly T[]): T => pick(choices, random)
    const present = tenants.slice(0, 2 + (seed % 4))
    for (let index = 0; index < operationsPerSeed; index++) {
      const vault = among(vaults)
      const call: TenantCall = { actor: among(present), owner: among(present), name: among(names) }
      const operation = among(operations)
      const extra = { value: `of ${call.owner}, ${index}`, grantee: among(present), permission: among(permissions) }
      const expected = operation.expect(model, { ...call, ...extra })
      const answer = await answerOf(operation, { vault, call: { ...call, ...extra } })
      const about = `seed ${seed}, operation ${index}: ${call.actor} does ${operation.verb} to ${call.owner}/${call.name}`
      expect(answer, about).toEqual(expected)
    }
    expect((await test.vault.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
  })

  it('[N1][N14] of one server and name get their own value in 1,000 interleaved calls', async () => {
    const { scope } = testVault()
    for (const id of ['alice', 'bob']) await scope(id).set('token', `of ${id}`)
    const calls = Array.from({ length: 1_000 }, async (_, index) => {
      const id = index % 2 === 0 ? 'alice' : 'bob'
      if (index % 10 < 2) await scope(id).set('token', `of ${id}, ${index}`)
      return [id, (await scope(id).get('token'))?.reveal()] as const
    })
    for (const [id, value] of await Promise.all(calls)) expect(value?.startsWith(`of ${id}`)).toBe(true)
  })
})

describe('two vaults on one store', () => {
  it('[A27] read at once what the other has written', async () => {
    const { scope, other } = testVault()
    const here = scope('alice')
    const there = other().as({ id: 'alice' }).scope({ server: 'github' })
    for (let round = 0; round < 20; round++) {
      await here.set('token', `here ${round}`)
      expect((await there.get('token'))?.reveal()).toBe(`here ${round}`)
      await there.set('token', `there ${round}`)
      expect((await here.get('token'))?.reveal()).toBe(`there ${round}`)
    }
    expect((await here.describe('token'))?.version).toBe(40)
    await here.share('token', { with: 'bob', permission: 'read' })
    const bobThere = other().as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' })
    expect((await bobThere.get('token'))?.reveal()).toBe('there 19')
    await there.unshare('token', { with: 'bob' })
    expect(await bobThere.get('token')).toBeUndefined()
    await there.destroy('token')
    expect(await here.get('token')).toBeUndefined()
    await there.set('token', 'anew')
    expect((await here.get('token'))?.reveal()).toBe('anew')
  })

  it('[A27][N6] writing at the same time lose no write and give each version once', async () => {
    const { scope, other } = testVault({ limits: { versions: 100 } })
    const there = other().as({ id: 'alice' }).scope({ server: 'github' })
    const writes = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? scope('alice') : there).set('token', `value ${index}`),
    )
    const versions = (await Promise.all(writes)).map(({ version }) => version).sort((a, b) => a - b)
    expect(versions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })
})

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
      [...(await scope.getAll())].map(([name, value]) => `${owner}/${name} ${value.reveal()}`).sort(),
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
