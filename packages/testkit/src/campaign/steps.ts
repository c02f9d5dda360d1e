// The steps that campaigns are made of.
import type { Permission } from '@mcpvault/core'
import { operatorPrincipal } from '../vaults/principals.ts'
import { type Model, type ModelSecret, owner, type Step, server } from './model.ts'

/** Stores a value: text, or the canonical JSON of fields. The answer is the version. */
export function set(name: string, value: string): Step {
  return {
    label: `set ${name}`,
    run: async ({ scope }) => (await scope().set(name, value.startsWith('{') ? JSON.parse(value) : value)).version,
    apply(model) {
      const before = model[name]
      const values = [...(before?.values ?? []), value]
      const grants = before?.state === 'active' ? before.grants : {}
      return [{ ...model, [name]: { values, state: 'active', grants } }, values.length]
    },
  }
}

/** The answer is the current value. */
export function get(name: string): Step {
  return {
    label: `get ${name}`,
    run: async ({ scope }) => (await scope().get(name))?.reveal(),
    apply: (model) => [model, active(model, name)?.values.at(-1)],
  }
}

/** The answer is every current value by name. */
export function getAll(): Step {
  return {
    label: 'getAll',
    async run({ scope }) {
      const { values } = await scope().getAll()
      return Object.fromEntries([...values].map(([name, value]) => [name, value.reveal()]))
    },
    apply(model) {
      const live = Object.entries(model).filter(([, { state }]) => state === 'active')
      return [model, Object.fromEntries(live.map(([name, { values }]) => [name, values.at(-1)]))]
    },
  }
}

/** Adds one field to a `fields` value whose fields come before it. */
export function patch(name: string, field: string): Step {
  return {
    label: `patch ${name}`,
    run: async ({ scope }) => (await scope().patch(name, { [field]: 'patched' }))?.version,
    apply: (model) =>
      withValue(model, name, (values) => JSON.stringify({ ...JSON.parse(values.at(-1) ?? '{}'), [field]: 'patched' })),
  }
}

export function restore(name: string, version: number): Step {
  return {
    label: `restore ${name}`,
    run: async ({ scope }) => (await scope().restore(name, version))?.version,
    apply: (model) => withValue(model, name, (values) => values[version - 1] ?? ''),
  }
}

export function remove(name: string): Step {
  return {
    label: `delete ${name}`,
    run: ({ scope }) => scope().delete(name),
    apply: (model) => moved(model, { name, from: 'active', to: 'deleted' }),
  }
}

export function undelete(name: string): Step {
  return {
    label: `undelete ${name}`,
    run: ({ scope }) => scope().undelete(name),
    apply: (model) => moved(model, { name, from: 'deleted', to: 'active' }),
  }
}

export function destroy(name: string): Step {
  return {
    label: `destroy ${name}`,
    run: ({ scope }) => scope().destroy(name),
    apply(model) {
      const { [name]: gone, ...rest } = model
      return [rest, gone !== undefined]
    },
  }
}

export function share(name: string, { grantee, permission }: { grantee: string; permission: Permission }): Step {
  return {
    label: `share ${name}`,
    run: async ({ scope }) => (await scope().share(name, { with: grantee, permission }))?.permission,
    apply(model) {
      const before = active(model, name)
      if (before === undefined) return [model, undefined]
      return [{ ...model, [name]: { ...before, grants: { ...before.grants, [grantee]: permission } } }, permission]
    },
  }
}

/** Rewraps every data key; the answer is that none was left out. */
export function rewrap(): Step {
  return {
    label: 'rewrap',
    again: true,
    byOther: true,
    async run({ vault, correlationId }) {
      const { quarantined } = await vault.operator(operatorPrincipal, { correlationId }).rewrap()
      const [failure] = quarantined
      // A row that failed is left as it was, and rewrapped by the next run.
      if (failure !== undefined) throw Object.assign(new Error('A row was quarantined.'), { code: failure.code })
      return 'all'
    },
    apply: (model) => [model, 'all'],
  }
}

/** Erases alice, with everything that she has. */
export function erase(): Step {
  return {
    label: 'eraseOwner',
    again: true,
    byOther: true,
    erases: true,
    async run({ vault, correlationId }) {
      await vault.operator(operatorPrincipal, { correlationId }).eraseOwner(owner, { trail: 'pseudonymise' })
      return 'erased'
    },
    apply: () => [{}, 'erased'],
  }
}

/** Shares a secret of bob's with alice, so that there is something to take away. */
export function bobShares(): Step {
  return {
    label: 'bob shares',
    byOther: true,
    async run({ vault, correlationId }) {
      const scope = vault.as({ id: 'bob' }, { correlationId }).scope({ server })
      await scope.set('common', 'of bob')
      await scope.share('common', { with: owner, permission: 'read' })
      return 'shared'
    },
    apply: (model) => [model, 'shared'],
  }
}

function active(model: Model, name: string): ModelSecret | undefined {
  const secret = model[name]
  return secret?.state === 'active' ? secret : undefined
}

function withValue(
  model: Model,
  name: string,
  next: (values: readonly string[]) => string,
): readonly [Model, number | undefined] {
  const before = active(model, name)
  if (before === undefined) return [model, undefined]
  const values = [...before.values, next(before.values)]
  return [{ ...model, [name]: { ...before, values } }, values.length]
}

function moved(
  model: Model,
  move: { readonly name: string; readonly from: ModelSecret['state']; readonly to: ModelSecret['state'] },
): readonly [Model, boolean] {
  const before = model[move.name]
  if (before?.state !== move.from) return [model, false]
  return [{ ...model, [move.name]: { ...before, state: move.to } }, true]
}
