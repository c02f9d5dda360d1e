// What the trail says of each operation: exactly one event, success and failure, with every field.

import { eventually } from '@mcpvault/testkit/eventually'
import { flipped, overwrite, storedAt } from '@mcpvault/testkit/forgery'
import { codeOf, operatorPrincipal, type TestVault, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it, vi } from 'vitest'
import { withCorrelation } from '../../src/audit/index.ts'
import type { AuditEvent, CallOptions } from '../../src/contracts/index.ts'
import { hang } from '../../src/testing/intercept.ts'
import type { SecretScope } from '../../src/vault/scope.ts'
import { MaskedValue } from '../../src/vault/secret-value.ts'

const auditor = { id: 'auditor', roles: ['auditor'] } as const

/** The events that `work` makes, oldest first. */
async function eventsOf(test: TestVault, work: () => Promise<unknown>): Promise<readonly AuditEvent[]> {
  const read = async () =>
    (await test.vault.as(auditor).auditLog({ limit: 1_000 })).items.filter(
      ({ event }) => !['auditor', 'mcpvault'].includes(event.principal),
    )
  const before = await read()
  await codeOf(work())
  const after = await read()
  return after
    .slice(0, after.length - before.length)
    .reverse()
    .map(({ event }) => event)
}

// Each operation on alice's token (which is there), its action, and who may not.
const operations: readonly [string, string, (scope: SecretScope) => Promise<unknown>][] = [
  ['set', 'secret.updated', (scope) => scope.set('token', 'two')],
  ['get', 'secret.accessed', (scope) => scope.get('token')],
  ['use', 'secret.accessed', (scope) => scope.use('token', () => 1)],
  ['getAll', 'secret.accessed', (scope) => scope.getAll()],
  ['patch', 'secret.updated', (scope) => scope.patch('token', { a: '2' })],
  ['update', 'secret.updated', (scope) => scope.update('token', { tags: ['x'] })],
  ['validate', 'secret.validated', (scope) => scope.validate('token', () => ({ status: 'valid', summary: 'x' }))],
  ['describe', 'secret.listed', (scope) => scope.describe('token')],
  ['list', 'secret.listed', (scope) => scope.list()],
  ['history', 'secret.listed', (scope) => scope.history('token')],
  ['require', 'secret.listed', (scope) => scope.require(['token'])],
  ['restore', 'secret.updated', (scope) => scope.restore('token', 1)],
  ['deactivate', 'secret.deactivated', (scope) => scope.deactivate('token')],
  ['activate', 'secret.activated', (scope) => scope.activate('token')],
  ['delete', 'secret.deleted', (scope) => scope.delete('token')],
  ['undelete', 'secret.undeleted', (scope) => scope.undelete('token')],
  ['share', 'secret.shared', (scope) => scope.share('token', { with: 'bob', permission: 'read' })],
  ['unshare', 'secret.unshared', (scope) => scope.unshare('token', { with: 'bob' })],
  ['grants', 'secret.listed', (scope) => scope.grants('token')],
  ['destroy', 'secret.destroyed', (scope) => scope.destroy('token')],
]

describe('every operation', () => {
  it.each(operations)(
    '[A6][S39][T48] %s makes exactly one event, allowed, missing or denied',
    async (operation, action, run) => {
      const test = tickingVault()
      await test.scope('alice').set('token', { a: '1' })
      const own = await eventsOf(test, () => run(test.scope('alice')))
      expect(own).toHaveLength(1)
      expect(own[0]).toMatchObject({ action, operation, principal: 'alice', owner: 'alice', server: 'github' })
      const foreign = await eventsOf(test, () => run(test.scope('alice', { id: 'mallory' })))
      expect(foreign).toHaveLength(1)
      expect(foreign[0]).toMatchObject({ operation, principal: 'mallory', owner: 'alice' })
      expect(['denied', 'missing', 'allowed']).toContain(foreign[0]?.outcome)
    },
  )

  it.each(operations)(
    '[A6] %s makes exactly one event when the record was tampered with',
    async (operation, _, run) => {
      const test = tickingVault()
      await test.scope('alice').set('token', { a: '1' })
      const record = await test.store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'all')
      if (record === undefined) throw new Error('the record is not there')
      await test.store.secrets.put({ ...record, tier: 3 }, { ifRevision: record.revision })
      const events = await eventsOf(test, () => run(test.scope('alice')))
      expect(events).toHaveLength(1)
      expect(events[0]?.operation).toBe(operation)
      const expected = ['list', 'require', 'destroy'].includes(operation) ? 'allowed' : 'failed'
      expect(events[0]?.outcome).toBe(expected)
      if (expected === 'failed') expect(events[0]?.errorCode).toBe('VAULT_OPEN_FAILED')
    },
  )

  it('[S16] makes the events of the life of a secret', async () => {
    const test = tickingVault()
    const events = await eventsOf(test, async () => {
      const github = test.scope('alice')
      await github.set('token', 'one')
      await github.get('token')
      await github.set('token', 'two')
      await github.delete('token')
    })
    expect(events.map(({ action, version }) => [action, version])).toEqual([
      ['secret.created', 1],
      ['secret.accessed', 1],
      ['secret.updated', 2],
      ['secret.deleted', 2],
    ])
  })

  it('verifies without a word on the streams that the verifying vault still writes to', async () => {
    const test = testVault()
    await test.scope('alice').set('token', 'a value')
    await test.scope('alice').get('token')
    const report = await test.vault.operator(operatorPrincipal).verifyAudit()
    expect(report).toMatchObject({ ok: true, unclosed: 0, unseen: [], unseenCount: 0 })
    expect(report.streams).toBeGreaterThan(0)
  })

  it('[S15][S8][T51] carries who, what, where from, and under which key', async () => {
    const test = tickingVault()
    const context = {
      correlationId: 'call-1',
      sourceIp: '2001:db8::1',
      userAgent: 'mcp/1.0',
      deploymentId: 'prod',
      reason: 'deploy',
    }
    const github = test.scope('alice', { id: 'alice', roles: ['reader'] }, context)
    const { id } = await github.set('token', 'one')
    const [event] = await eventsOf(test, () => github.get('token'))
    expect(event).toMatchObject({
      action: 'secret.accessed',
      outcome: 'allowed',
      operation: 'get',
      principal: 'alice',
      roles: ['reader'],
      owner: 'alice',
      server: 'github',
      name: 'token',
      secretId: id,
      version: 1,
      keyId: 'main#1',
      ...context,
    })
    expect(event?.envelopeDigest).toMatch(/^[0-9a-f]{64}$/)
    expect(event?.durationMs).toBeGreaterThanOrEqual(0)
  })

  it('[T51] shares the correlation id of the call around it, or makes one for the session', async () => {
    const test = tickingVault()
    const events = await eventsOf(test, async () => {
      await withCorrelation('tool-call-7', async () => {
        await test.scope('alice').get('a')
        await test.scope('bob').get('b')
      })
      const session = test.vault.as({ id: 'carol' })
      await session.scope().get('c')
      await session.scope().get('d')
      await test.vault.as({ id: 'carol' }).scope().get('e')
    })
    const ids = events.map(({ correlationId }) => correlationId)
    expect(ids.slice(0, 2)).toEqual(['tool-call-7', 'tool-call-7'])
    expect(ids[2]).toBe(ids[3])
    expect(ids[4]).not.toBe(ids[3])
  })

  it.each([
    ['a long one', 'x'.repeat(300), 'x'.repeat(256)],
    ['one with control characters', 'a\u0000b', 'a?b'],
    ['an empty one', '', '-'],
    ['one of other scripts, which fits', 'réf-用户', 'réf-用户'],
  ])('[T51] keeps of a correlation id what fits, and finds it by the whole: %s', async (_what, given, kept) => {
    const test = tickingVault()
    const session = test.vault.as({ id: 'alice' }, { correlationId: given })
    await session.scope().get('a')
    await withCorrelation(given, () => test.vault.as({ id: 'alice' }).scope().get('b'))
    const { items } = await session.auditLog({ correlationId: given })
    expect(items.map(({ event }) => [event.name, event.correlationId])).toEqual([
      ['b', kept],
      ['a', kept],
    ])
  })

  it('records each secret that getAll opened by its name', async () => {
    const test = tickingVault()
    for (const name of ['a', 'b']) await test.scope('alice').set(name, 'x')
    const events = await eventsOf(test, () => test.scope('alice').getAll())
    expect(events.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['a', 'allowed'],
      ['b', 'allowed'],
    ])
  })

  it('[S39] counts as many events as operations, also when many run at once', async () => {
    const test = tickingVault()
    await test.scope('alice').set('token', 'x')
    const events = await eventsOf(test, () =>
      Promise.all(
        Array.from({ length: 300 }, (_, index) =>
          index % 3 === 0 ? test.scope('alice').set('token', 'y') : test.scope('alice').get('token'),
        ),
      ),
    )
    expect(events).toHaveLength(300)
    expect(await test.vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
  })
})

describe('the event of a failure', () => {
  it('says which secret and which version did not open', async () => {
    const test = tickingVault()
    const { id } = await test.scope('alice').set('token', 'one')
    const record = await storedAt(test.store)
    const versions = record.versions.map((each) => ({ ...each, envelope: flipped(each.envelope ?? record.mac, 850) }))
    await overwrite(test.store, { ...record, versions })
    const [event] = await eventsOf(test, () => test.scope('alice').get('token'))
    const facts = { secretId: id, version: 1, keyId: 'main#1' }
    expect(event).toMatchObject({ ...facts, outcome: 'failed', errorCode: 'VAULT_OPEN_FAILED' })
    expect(await eventsOf(test, () => test.scope('alice').getAll())).toMatchObject([
      { ...facts, name: 'token', outcome: 'failed', errorCode: 'VAULT_OPEN_FAILED' },
    ])
  })

  it('says which secret was not changed, and under which name it was tried', async () => {
    const test = tickingVault()
    const alice = test.scope('alice')
    const { id } = await alice.set('token', 'one')
    const cases = [
      [() => alice.set('token', 'two', { ifVersion: 9 }), { action: 'secret.updated', secretId: id }],
      [() => alice.set('other', 'two', { ifVersion: 9 }), { action: 'secret.created', name: 'other' }],
      [() => alice.patch('token', { a: '1' }), { action: 'secret.updated', secretId: id }],
      [() => alice.delete('token', { ifVersion: 9 }), { action: 'secret.deleted', secretId: id }],
      [() => alice.destroy('token', { ifVersion: 9 }), { action: 'secret.destroyed', secretId: id }],
      [() => alice.share('token', { with: 'alice', permission: 'read' }), { grantee: 'alice', secretId: id }],
    ] as const
    for (const [work, facts] of cases) {
      expect(await eventsOf(test, work)).toMatchObject([{ ...facts, outcome: 'failed' }])
    }
  })
})

describe('without a trail, nothing is released', () => {
  it('[T48] abandons an append of the store after limits.storeMs, and aborts its signal', async () => {
    const test = testVault({ limits: { storeMs: 200 } })
    await test.scope('alice').set('token', 'one')
    const given: (AbortSignal | undefined)[] = []
    Object.assign(test.store.audit, {
      append: (_rows: unknown, { signal }: CallOptions) => {
        given.push(signal)
        return hang(signal)
      },
    })
    const reading = codeOf(test.scope('alice').get('token'))
    await eventually(() => expect(given).toHaveLength(1))
    test.clock.advance(199)
    expect(given[0]?.aborted).toBe(false)
    test.clock.advance(1)
    expect(await reading).toBe('VAULT_AUDIT_FAILED')
    expect(given[0]?.aborted).toBe(true)
  })

  it('[T48] refuses reads and writes when no sink accepts their event', async () => {
    const test = tickingVault()
    const github = test.scope('alice')
    await github.set('token', 'one')
    const { append } = test.store.audit
    Object.assign(test.store.audit, {
      append: () => {
        throw new Error('disk full')
      },
    })
    const dispose = vi.spyOn(MaskedValue.prototype, 'dispose')
    expect(await codeOf(github.get('token'))).toBe('VAULT_AUDIT_FAILED')
    expect(dispose).toHaveBeenCalledTimes(1)
    expect(await codeOf(github.getAll())).toBe('VAULT_AUDIT_FAILED')
    expect(dispose).toHaveBeenCalledTimes(2)
    dispose.mockRestore()
    expect(await codeOf(github.list())).toBe('VAULT_AUDIT_FAILED')
    Object.assign(test.store.audit, { append })
    expect((await github.get('token'))?.reveal()).toBe('one')
    expect(await test.vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
  })
})
