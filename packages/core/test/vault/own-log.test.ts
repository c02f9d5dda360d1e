// The log that a principal sees of itself: it tells no more of a hidden secret than the verbs did.

import { overwrite, storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { codeOf, testPolicy, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { AuditRecord } from '../../src/audit/index.ts'
import type { AuditEvent, Principal } from '../../src/contracts/index.ts'
import type { AuditLogOptions } from '../../src/vault/parse/list.ts'
import type { SecretScope } from '../../src/vault/scope.ts'

const policy = {
  roles: {
    ...testPolicy.roles,
    'reader-of-ci': [{ allow: ['read'], tags: ['ci'] }],
    'writer-of-ci': [{ allow: ['write'], tags: ['ci'] }],
  },
} as const

type Verb = readonly [string, (scope: SecretScope) => Promise<unknown>]

const verbs: readonly Verb[] = [
  ['set', (scope) => scope.set('token', 'two')],
  ['set with a version', (scope) => scope.set('token', 'two', { ifVersion: 1 })],
  ['canary', (scope) => scope.canary('token')],
  ['findCanaries', (scope) => scope.findCanaries('a text')],
  ['get', (scope) => scope.get('token')],
  ['get of a version', (scope) => scope.get('token', { version: 1, minVersion: 7 })],
  ['use', (scope) => scope.use('token', () => 1)],
  ['getAll', (scope) => scope.getAll()],
  ['patch', (scope) => scope.patch('token', { a: '2' })],
  ['update', (scope) => scope.update('token', { tags: ['x'] })],
  ['describe', (scope) => scope.describe('token')],
  ['list', (scope) => scope.list({ state: 'any', limit: 1 })],
  ['history', (scope) => scope.history('token')],
  ['require', (scope) => scope.require(['token', 'other'])],
  ['restore', (scope) => scope.restore('token', 1)],
  ['deactivate', (scope) => scope.deactivate('token')],
  ['activate', (scope) => scope.activate('token')],
  ['delete', (scope) => scope.delete('token')],
  ['undelete', (scope) => scope.undelete('token')],
  ['share', (scope) => scope.share('token', { with: 'bob', permission: 'admin' })],
  ['unshare', (scope) => scope.unshare('token', { with: 'bob' })],
  ['grants', (scope) => scope.grants('token')],
  ['destroy', (scope) => scope.destroy('token')],
]

type Test = ReturnType<typeof tickingVault>

interface World {
  readonly name: string
  readonly principal: Principal
  prepare(test: Test): Promise<unknown>
}

const mallory = { id: 'mallory' }
const create = (test: Test) => test.scope('alice').set('token', { a: '1' })

/** What there is that the principal may not know of. */
const hidden: readonly World[] = [
  { name: 'a secret of another', principal: mallory, prepare: create },
  {
    name: 'a deleted one',
    principal: mallory,
    async prepare(test) {
      await create(test)
      await test.scope('alice').delete('token')
    },
  },
  {
    name: 'one that is shared in another deployment',
    principal: mallory,
    async prepare(test) {
      await create(test)
      await test.scope('alice').share('token', { with: 'mallory', permission: 'admin', deploymentId: 'prod' })
    },
  },
  {
    name: 'one without the tag of a role',
    principal: { id: 'mallory', roles: ['reader-of-ci', 'writer-of-ci'] },
    prepare: create,
  },
  {
    name: 'one that cannot be trusted',
    principal: mallory,
    async prepare(test) {
      await create(test)
      await overwrite(test.store, { ...(await storedAt(test.store)), tier: 3 })
    },
  },
]

const filters: readonly AuditLogOptions[] = [
  {},
  { principal: 'mallory' },
  { outcomes: ['denied'] },
  { outcomes: ['missing'] },
  { outcomes: ['failed'] },
  { outcomes: ['allowed'] },
  { actions: ['access.escalation'] },
  { actions: ['secret.created'] },
  { actions: ['secret.updated'] },
  { actions: ['secret.shared'] },
  { actions: ['secret.accessed', 'secret.listed'], outcomes: ['denied', 'failed'] },
]

/** What a page shows, without what differs between any two calls. */
function shown({ event }: AuditRecord): Partial<AuditEvent> {
  const { durationMs: _, ...rest } = event
  return rest
}

/** Everything that the log shows after a call, under every filter, in small pages and in one. */
async function logOf(world: Pick<World, 'principal' | 'prepare'>, run: Verb[1]) {
  const test = tickingVault({ policy })
  await world.prepare(test)
  const context = { correlationId: 'the call' }
  await codeOf(run(test.scope('alice', world.principal, context)))
  const session = test.vault.as(world.principal, context)
  const found = await test.store.secrets.find(tokenRef, 'current')
  const pages: unknown[] = []
  for (const filter of [...filters, { secretId: found?.id ?? 'absent' }]) {
    for (const limit of [1, 100]) {
      const { items, cursor } = await session.auditLog({
        ...filter,
        from: new Date(0),
        correlationId: 'the call',
        limit,
      })
      pages.push(items.filter(({ event }) => event.operation !== 'auditLog').map(shown), cursor?.length)
    }
  }
  const auditor = test.vault.as({ id: 'root', roles: ['auditor'] })
  const { items } = await auditor.auditLog({ principal: 'mallory' })
  return { pages, truth: items.filter(({ event }) => event.operation !== 'auditLog').map(({ event }) => event) }
}

describe.each(hidden)('in its own log a principal cannot tell $name from none', (world) => {
  it.each(verbs)('[S29][S33] after %s', async (_, run) => {
    const there = await logOf(world, run)
    const absent = await logOf({ ...world, prepare: async () => undefined }, run)
    expect(there.pages).toEqual(absent.pages)
    expect(there.truth).toHaveLength(1)
    expect(absent.truth.every((event) => event.hidden === undefined)).toBe(true)
  })
})

describe('the row itself', () => {
  it.each(verbs.filter(([verb]) => verb !== 'require'))(
    '[S29] keeps the truth for auditors and the owner: %s',
    async (_, run) => {
      const test = tickingVault({ policy })
      await create(test)
      await codeOf(run(test.scope('alice', mallory)))
      const auditor = test.vault.as({ id: 'root', roles: ['auditor'] })
      for (const session of [auditor, test.vault.as({ id: 'alice' })]) {
        const { items } = await session.auditLog({ owner: 'alice', outcomes: ['denied'] })
        expect(items.map(({ event }) => event)).toMatchObject([
          { principal: 'mallory', hidden: true, outcome: 'denied' },
        ])
      }
      const { items: escalations } = await auditor.auditLog({ actions: ['access.escalation'] })
      expect(escalations.map(({ event }) => event.operation)).toEqual(_ === 'share' ? ['share'] : [])
    },
  )

  it('[S29] shows a principal what it may know of as it is', async () => {
    const test = tickingVault({ policy })
    const { id } = await create(test)
    await test.scope('alice').share('token', { with: 'mallory', permission: 'read' })
    await codeOf(test.scope('alice', mallory).set('token', 'two'))
    await codeOf(test.scope('alice', mallory).share('token', { with: 'bob', permission: 'admin' }))
    const { items } = await test.vault.as(mallory).auditLog({ secretId: id, outcomes: ['denied'] })
    expect(items.map(({ event }) => [event.action, event.outcome, event.secretId])).toEqual([
      ['access.escalation', 'denied', id],
      ['secret.updated', 'denied', id],
    ])
    expect((await test.vault.as(mallory).auditLog({ actions: ['access.escalation'] })).items).toHaveLength(1)
  })
})

describe('a filter of an own log', () => {
  it('[S33] finds what is rare among many events, page by page', async () => {
    const test = tickingVault({ policy })
    await create(test)
    const github = test.scope('alice', mallory)
    for (let index = 0; index < 30; index++) await github.get(index % 10 === 0 ? 'token' : 'absent')
    const session = test.vault.as(mallory)
    expect((await session.auditLog({ outcomes: ['denied'], limit: 2 })).items).toEqual([])
    const seen: unknown[] = []
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const options = { outcomes: ['missing'], name: 'token', limit: 2 } as const
      const page = await session.auditLog(cursor === undefined ? options : { ...options, cursor })
      seen.push(page.items.length)
      cursor = page.cursor
    }
    expect(seen).toEqual([2, 1])
  })
})
