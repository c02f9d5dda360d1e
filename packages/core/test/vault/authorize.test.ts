// The authorize hook: asked for every operation that the rules have allowed, and able to refuse each of them.

import { codeOf, operatorPrincipal, type TestVault, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { AuthorizeRequest, Operation } from '../../src/contracts/index.ts'
import type { SecretPage } from '../../src/vault/secrets/list.ts'

/** A vault with alice's secrets in every state, whose hook notes what it is asked and refuses what a test names. */
async function hookedVault() {
  const asked: AuthorizeRequest[] = []
  let refused: ReadonlySet<Operation> = new Set()
  const test = testVault({
    authorize(request) {
      asked.push(request)
      return !refused.has(request.operation)
    },
  })
  const alice = test.scope('alice')
  await alice.set('token', { a: '1' })
  await alice.set('off', 'x')
  await alice.deactivate('off')
  await alice.set('gone', 'x')
  await alice.delete('gone')
  await alice.set('broken', 'x', { tags: ['production'] })
  const record = await test.store.secrets.find({ owner: 'alice', server: 'github', name: 'broken' }, 'all')
  if (record === undefined) throw new Error('the record is not there')
  const tampered = { ...record, tags: ['public'], revision: record.revision + 1 }
  await test.store.secrets.put(tampered, { ifRevision: record.revision })
  asked.length = 0
  return {
    ...test,
    asked,
    refuse(...operations: readonly Operation[]): void {
      refused = new Set(operations)
    },
  }
}

type Work = (test: TestVault) => Promise<unknown>

const share = { with: 'bob', permission: 'read' } as const
const alice = (test: TestVault) => test.scope('alice')
const operator = (test: TestVault) => test.vault.operator(operatorPrincipal)
const statesOf = ({ items }: SecretPage) => items.map(({ state }) => state)
const denied = 'VAULT_ACCESS_DENIED'
const unasked = () => Promise.reject(new Error('The archive would be written.'))
const emptyPlace = { list: () => [], remove: () => undefined, verify: () => true }

// A verb, its operation, and what comes of it when the hook refuses that operation.
const verbs: readonly [string, Operation, Work, unknown][] = [
  ['set of a new secret', 'create', (test) => alice(test).set('new', 'x'), denied],
  ['set', 'set', (test) => alice(test).set('token', 'x'), denied],
  ['set with other tags', 'reclassify', (test) => alice(test).set('token', 'x', { tags: ['a'] }), denied],
  ['get', 'get', (test) => alice(test).get('token'), denied],
  ['use', 'get', (test) => alice(test).use('token', () => 1), denied],
  ['getAll', 'get', async (test) => [...(await alice(test).getAll()).values.keys()], { resolved: [] }],
  ['patch', 'set', (test) => alice(test).patch('token', { a: '2' }), denied],
  ['update', 'update', (test) => alice(test).update('token', { description: 'x' }), denied],
  ['update of the tier', 'reclassify', (test) => alice(test).update('token', { tier: 3 }), denied],
  ['describe', 'describe', (test) => alice(test).describe('token'), denied],
  ['list', 'list', async (test) => statesOf(await alice(test).list()), { resolved: ['untrusted'] }],
  [
    'listAll',
    'list',
    async (test) => statesOf(await test.vault.as({ id: 'alice' }).listAll()),
    { resolved: ['untrusted'] },
  ],
  ['history', 'history', (test) => alice(test).history('token'), denied],
  ['restore', 'restore', (test) => alice(test).restore('token', 1), denied],
  ['require', 'require', async (test) => (await alice(test).require(['token'])).forbidden, { resolved: ['token'] }],
  ['deactivate', 'deactivate', (test) => alice(test).deactivate('token'), denied],
  ['activate', 'activate', (test) => alice(test).activate('off'), denied],
  ['delete', 'delete', (test) => alice(test).delete('token'), denied],
  ['undelete', 'undelete', (test) => alice(test).undelete('gone'), denied],
  ['destroy', 'destroy', (test) => alice(test).destroy('token'), denied],
  ['destroy of a broken record', 'destroy', (test) => alice(test).destroy('broken'), denied],
  ['share', 'share', (test) => alice(test).share('token', share), denied],
  ['unshare', 'unshare', (test) => alice(test).unshare('token', { with: 'bob' }), denied],
  ['grants', 'grants', (test) => alice(test).grants('token'), denied],
  ['auditLog', 'auditLog', (test) => test.vault.as({ id: 'alice' }).auditLog(), denied],
  ['auditLog of an auditor', 'auditLog', (test) => test.vault.as(operatorPrincipal).auditLog(), denied],
  ['rewrap', 'operate', (test) => operator(test).rewrap(), denied],
  ['census', 'operate', (test) => operator(test).census(), denied],
  ['assertRetirable', 'operate', (test) => operator(test).assertRetirable('main#9'), denied],
  [
    'dropDataKey',
    'operate',
    (test) => operator(test).dropDataKey({ owner: 'alice', server: 'github' }, { evenIfItOpens: true }),
    denied,
  ],
  ['rekey', 'operate', (test) => operator(test).rekey({ owner: 'alice', server: 'github' }), denied],
  ['backup', 'operate', (test) => operator(test).backup({ to: unasked }), denied],
  ['pruneBackups', 'operate', (test) => operator(test).pruneBackups({ places: [emptyPlace] }), denied],
  ['verifyAudit', 'operate', (test) => operator(test).verifyAudit(), denied],
  ['auditPublicKey', 'operate', (test) => operator(test).auditPublicKey(), denied],
  ['sweep', 'operate', (test) => operator(test).sweep(), denied],
  ['eraseOwner', 'operate', (test) => operator(test).eraseOwner('alice'), denied],
]

describe('the authorize hook', () => {
  it.each(verbs)('[S19] is asked for %s, as %s', async (_, operation, work) => {
    const test = await hookedVault()
    await codeOf(work(test))
    expect(test.asked.map((request) => request.operation)).toContain(operation)
  })

  it.each(verbs)('[S19] can refuse %s', async (_, operation, work, expected) => {
    const test = await hookedVault()
    test.refuse(operation)
    const before = [
      await test.store.secrets.list({ owner: 'alice', limit: 10 }),
      await test.store.dataKeys.list({ limit: 10 }),
    ]
    expect(await codeOf(work(test))).toEqual(expected)
    expect([
      await test.store.secrets.list({ owner: 'alice', limit: 10 }),
      await test.store.dataKeys.list({ limit: 10 }),
    ]).toEqual(before)
  })

  it('knows when only the ref of a secret can be trusted', async () => {
    const test = await hookedVault()
    expect(await alice(test).destroy('broken')).toBe(true)
    const ref = { owner: 'alice', server: 'github', name: 'broken' }
    expect(test.asked).toEqual([
      expect.objectContaining({
        operation: 'destroy',
        untrusted: true,
        secret: { ...ref, type: 'custom', tier: 1, tags: [] },
      }),
    ])
  })

  it('sees no secret where there is none', async () => {
    const test = await hookedVault()
    await test.vault.as({ id: 'alice' }, { reason: 'look' }).auditLog()
    expect(test.asked).toEqual([
      { principal: { id: 'alice' }, context: expect.objectContaining({ reason: 'look' }), operation: 'auditLog' },
    ])
    expect(Object.isFrozen(test.asked[0])).toBe(true)
  })

  it('is not asked for what the rules refuse', async () => {
    const test = await hookedVault()
    const mallory = { id: 'mallory' }
    expect(await codeOf(test.vault.operator(mallory).census())).toBe(denied)
    expect(await codeOf(test.vault.as(mallory).auditLog({ principal: 'alice' }))).toBe(denied)
    expect(await test.scope('alice', mallory).destroy('broken')).toBe(false)
    expect(test.asked).toEqual([])
  })
})
