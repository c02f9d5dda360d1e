// Calls every method of a vault, with valid and invalid input, always with the same few secrets.
import { types } from 'node:util'
import type { SecretScope, Vault } from '@mcpvault/core'

/** The values that go in and must come out nowhere but by `reveal`, `fields` and `use`. */
export interface SurfaceValues {
  readonly text: string
  readonly bytes: Uint8Array
  readonly field: string
}

/** Every answer and every error of the surface, in order. */
export async function callEverything(vault: Vault, values: SurfaceValues): Promise<readonly unknown[]> {
  const seen: unknown[] = []
  const call = async (work: () => unknown): Promise<void> => {
    try {
      const answer = await work()
      // Printing a Map prints its values, as a careless caller would.
      seen.push(types.isMap(answer) ? [...answer] : answer)
    } catch (error) {
      seen.push(error)
    }
  }
  const alice = vault.as({ id: 'alice' }, { reason: 'test', correlationId: 'surface' })
  const own = alice.scope({ server: 'github' })
  const bob = vault.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' })
  for (const work of [
    ...writes(own, values),
    ...reads(own),
    ...mistakes(own, values),
    ...reads(bob),
    ...writes(bob, values),
  ]) {
    await call(work)
  }
  await call(() => alice.listAll())
  await call(() => alice.listAll({ server: 'github', shared: true, namePrefix: values.text.slice(0, 8) }))
  await call(() => alice.accessReport({ owner: 'alice', since: new Date(0) }))
  await call(() => alice.auditPages()[Symbol.asyncIterator]().next())
  await call(() => alice.auditLog({ limit: 1_000 }))
  await call(() => vault.as({ id: 'bob' }).auditLog({ principal: 'alice' }))
  for (const id of ['root', 'bob']) {
    const operator = vault.operator({ id, roles: id === 'root' ? ['operator'] : [] })
    await call(() => operator.health())
    await call(() => operator.census())
    await call(() => operator.rewrap())
    await call(() => operator.assertRetirable('main#1'))
    await call(() => operator.sweep())
    await call(() => operator.verifyAudit())
  }
  return seen
}

/** The calls that destroy and close, for the end of a test. */
export async function endEverything(vault: Vault): Promise<void> {
  const own = vault.as({ id: 'alice' }).scope({ server: 'github' })
  await own.destroy('bytes')
  await vault.operator({ id: 'root', roles: ['operator'] }).eraseOwner('bob', { trail: 'pseudonymise' })
  await vault.close()
}

type Work = () => unknown

function writes(scope: SecretScope, { text, bytes, field }: SurfaceValues): readonly Work[] {
  const settings = { type: 'api_key', tier: 2, tags: ['ci'], description: 'for builds' } as const
  return [
    () => scope.set('text', text, settings),
    () => scope.set('text', `${text} again`),
    () => scope.set('bytes', bytes, { tags: ['raw'] }),
    () => scope.set('fields', { user: 'me', token: field }),
    () => scope.patch('fields', { token: `${field} patched`, more: text }),
    () => scope.renew('text', (value) => ({ value: `${value.reveal()} renewed`, freshUntil: new Date(9e12) })),
    () =>
      scope.renew('text', (value) => Promise.reject(new Error(`of the caller, ${value.encoding}`)), {
        refusedVersion: 1,
      }),
    () => scope.restore('text', 1),
    () => scope.update('text', { description: 'another', expiresAt: null }),
    () => scope.deactivate('text'),
    () => scope.get('text'),
    () => scope.activate('text'),
    () => scope.delete('text'),
    () => scope.get('text'),
    () => scope.undelete('text'),
    () => scope.share('text', { with: 'bob', permission: 'read' }),
    () => scope.share('text', { with: 'carol', permission: 'admin' }),
    () => scope.unshare('text', { with: 'carol' }),
    () => scope.canary('decoy', { shape: 'jwt' }),
  ]
}

function reads(scope: SecretScope): readonly Work[] {
  return [
    () => scope.get('text'),
    () => scope.get('fields'),
    () => scope.get('text', { version: 1 }),
    () => scope.get('text', { minVersion: 99 }),
    () => scope.use('bytes', (value) => value.length),
    () => scope.use('bytes', () => Promise.reject(new Error('of the caller'))),
    () => scope.getAll(),
    () => scope.findCanaries('arguments of a tool'),
    async () => (await scope.getAll()).values,
    async () => (await scope.getAll()).errors,
    () => scope.validate('text', (value) => ({ status: 'valid', summary: `it is ${value.reveal()}` })),
    () => scope.validate('text', (value) => Promise.reject(new Error(value.reveal()))),
    () => scope.describe('text'),
    () => scope.list({ state: 'any' }),
    () => scope.history('text'),
    () => scope.grants('text'),
    () => scope.require(['text', 'absent', '..']),
    async () => (await scope.get('bytes'))?.reveal(),
    async () => (await scope.get('text'))?.fields(),
  ]
}

/** What a caller may get wrong with a value in hand. */
function mistakes(scope: SecretScope, { text, bytes, field }: SurfaceValues): readonly Work[] {
  const loose = JSON.parse(JSON.stringify({ nested: { a: text }, list: [text], number: 1 }))
  return [
    () => scope.set('text', text.repeat(5_000)),
    () => scope.set('text', text, { description: `it is ${text}` }),
    () => scope.update('text', { description: `it is ${text}` }),
    () => scope.set('text', text, { ifVersion: 99 }),
    () => scope.update('text', { description: 'new', ifRevision: 0 }),
    () => scope.set('text', text, { expiresAt: new Date(0) }),
    () => scope.set('text', `${text}\ud800`),
    () => scope.set('text', loose),
    () => scope.set('text', loose.nested, loose.list),
    () => scope.set('text', loose.list),
    () => scope.set('text', loose.nested, { ...loose }),
    () => scope.set('fields', { [`${text}`.repeat(20)]: field }),
    () => scope.set('../text', text),
    () => scope.patch('text', { a: field }),
    () => scope.patch('fields', loose),
    () => scope.patch('bytes', { a: field }),
    () => scope.restore('text', 99),
    () => scope.set('text', bytes, { ...JSON.parse('{"tier":9}') }),
    () => scope.set('text', text, { type: 'unknown type' }),
    () => scope.share('text', { with: 'alice', permission: 'read' }),
  ]
}
