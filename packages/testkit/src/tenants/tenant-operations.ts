// What tenants do: each verb of a vault, and the reply that the model gives to it.
import type { SecretScope, VaultSession } from '@mcpvault/core'
import type { Reply, tenantModel } from './tenant-model.ts'
import type { Grant, TenantCall } from './tenant-rights.ts'

/** Everything that any verb needs. */
export interface Operand extends TenantCall {
  readonly value: string
  readonly tags: readonly string[] | undefined
  readonly version: number
  readonly grantee: string
  readonly grant: Grant
  readonly correlationId: string
}

export interface Operation {
  readonly verb: string
  expect(model: ReturnType<typeof tenantModel>, operand: Operand): Reply
  run(scope: SecretScope, operand: Operand, session: VaultSession): Promise<unknown>
}

const set: Operation = {
  verb: 'set',
  expect: (model, operand) => model.set(operand, operand.value, operand.tags),
  run: async (scope, { name, value, tags }) => (await scope.set(name, value, tags && { tags })).version,
}

const get: Operation = {
  verb: 'get',
  expect: (model, operand) => model.get(operand, undefined),
  run: async (scope, { name }) => (await scope.get(name))?.reveal(),
}

const share: Operation = {
  verb: 'share',
  expect: (model, operand) => model.share(operand, operand.grantee, operand.grant),
  async run(scope, { name, grantee, grant: { permission, deployment } }) {
    const where = deployment === undefined ? {} : { deploymentId: deployment }
    return (await scope.share(name, { with: grantee, permission, ...where }))?.permission
  },
}

/** What happens more often stands here more often. */
export const operations: readonly Operation[] = [
  set,
  set,
  set,
  get,
  get,
  get,
  share,
  share,
  share,
  {
    verb: 'get of a version',
    expect: (model, operand) => model.get(operand, operand.version),
    run: async (scope, { name, version }) => (await scope.get(name, { version }))?.reveal(),
  },
  {
    verb: 'history',
    expect: (model, operand) => model.history(operand),
    run: async (scope, { name }) => (await scope.history(name))?.map(({ version }) => version).reverse(),
  },
  {
    verb: 'restore',
    expect: (model, operand) => model.restore(operand, operand.version),
    run: async (scope, { name, version }) => (await scope.restore(name, version))?.version,
  },
  {
    verb: 'update',
    expect: (model, operand) => model.update(operand, operand.tags ?? []),
    run: async (scope, { name, tags = [] }) => (await scope.update(name, { tags }))?.tags,
  },
  ...(['activate', 'activate', 'deactivate', 'delete', 'undelete'] as const).map(
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
  {
    verb: 'unshare',
    expect: (model, operand) => model.unshare(operand, operand.grantee),
    run: (scope, { name, grantee }) => scope.unshare(name, { with: grantee }),
  },
  {
    verb: 'grants',
    expect: (model, operand) => model.grants(operand),
    run: async (scope, { name }) =>
      (await scope.grants(name))
        ?.map(({ principal, permission, deploymentId }) => `${principal} ${permission} ${deploymentId}`)
        .sort(),
  },
  {
    verb: 'list',
    expect: (model, operand) => model.list(operand),
    async run(scope) {
      const items: ListedItem[] = []
      let pages = 0
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await scope.list({ state: 'any', limit: 2, ...(cursor === undefined ? {} : { cursor }) })
        items.push(...page.items)
        cursor = page.cursor
        pages++
      }
      return [pages, ...seenIn(items)]
    },
  },
  {
    verb: 'listAll',
    expect: (model, operand) => model.listAll(operand),
    run: async (_, __, session) => seenIn((await session.listAll({ state: 'any' })).items),
  },
  {
    verb: 'getAll',
    expect: (model, operand) => model.getAll(operand),
    run: async (scope, { owner }) =>
      [...(await scope.getAll()).values].map(([name, value]) => `${owner}/${name} ${value.reveal()}`).sort(),
  },
]

interface ListedItem {
  readonly owner: string
  readonly name: string
  readonly state: string
}

function seenIn(items: readonly ListedItem[]): readonly string[] {
  return items.map(({ owner, name, state }) => `${owner}/${name} ${state}`).sort()
}
