// Canaries: a decoy looks like any secret, and anyone who reads it or uses its value raises an alarm.
import { codeOf, testPolicy, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { CanaryAlarm } from '../../src/contracts/index.ts'
import { decodeManaged } from '../../src/envelope/index.ts'
import type { CanaryShape } from '../../src/vault/parse/canary.ts'

const policy = {
  roles: { ...testPolicy.roles, auditor: [{ allow: ['audit'] }], maker: [{ allow: ['write'] }] },
} as const

function watched() {
  const alarms: CanaryAlarm[] = []
  const tester = tickingVault({ policy, onCanary: (alarm) => alarms.push(alarm) })
  const { vault } = tester
  const own = vault.as({ id: 'alice' }).scope({ server: 'github' })
  const ofBob = vault.as({ id: 'bob' }, { correlationId: 'call-7' }).scope({ owner: 'alice', server: 'github' })
  return { ...tester, alarms, own, ofBob }
}

describe('a canary', () => {
  it.each<[CanaryShape, RegExp, string]>([
    ['api_key', /^sk_live_[A-Za-z0-9]{32}$/, 'api_key'],
    ['aws_access_key', /^AKIA[A-Z2-7]{16}$/, 'api_key'],
    ['database_url', /^postgres:\/\/app:[A-Za-z0-9]{24}@db-\d{4}\.internal:5432\/app$/, 'database_url'],
    ['github_token', /^ghp_[A-Za-z0-9]{36}$/, 'api_key'],
    ['jwt', /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{43}$/, 'api_key'],
  ])('has the shape of %s, and another value each time', async (shape, pattern, type) => {
    const { own } = watched()
    const info = await own.canary('one', { shape, tags: ['ci'] })
    await own.canary('two', { shape })
    const one = (await own.get('one'))?.reveal()
    expect(one).toMatch(pattern)
    expect((await own.get('two'))?.reveal()).not.toBe(one)
    expect(info).toMatchObject({ name: 'one', type, tags: ['ci'], version: 1, state: 'active' })
  })

  it('raises an alarm when a renewal or a probe opens it', async () => {
    const { own, alarms } = watched()
    await own.canary('token')
    await own.update('token', { freshUntil: new Date('9999-01-01') })
    await own.renew('token', () => {
      throw new Error('nothing to renew')
    })
    await own.validate('token', () => ({ status: 'valid', summary: 'works' }))
    expect(alarms.map(({ operation }) => operation)).toEqual(['renew', 'validate'])
  })

  it('raises an alarm and an event beside that of the read, whichever verb reads it', async () => {
    const { vault, own, ofBob, alarms } = watched()
    const { id } = await own.canary('token')
    await own.set('real', 'a real value')
    await own.share('token', { with: 'bob', permission: 'read' })
    expect(alarms).toEqual([])
    await ofBob.get('token')
    await ofBob.use('token', () => 1)
    await ofBob.getAll()
    await own.get('real')
    const ref = { owner: 'alice', server: 'github', name: 'token' }
    expect(alarms).toMatchObject(
      ['get', 'use', 'getAll'].map((operation) => ({ operation, ref, principal: 'bob', secretId: id })),
    )
    expect(alarms[0]?.context.correlationId).toBe('call-7')
    expect(alarms[0]?.at).toBeInstanceOf(Date)
    const { items } = await vault.as({ id: 'alice' }).auditLog({ owner: 'alice', principal: 'bob' })
    const events = items.map(({ event }) => [event.action, event.operation, event.name, event.outcome])
    expect(events.reverse()).toEqual(
      ['get', 'use', 'getAll'].flatMap((operation) => [
        ['secret.accessed', operation, 'token', 'allowed'],
        ['access.canary', operation, 'token', 'allowed'],
      ]),
    )
  })

  it('looks like any secret to all but those with the permission admin', async () => {
    const { vault, own, ofBob } = watched()
    expect(await own.canary('token')).toMatchObject({ isCanary: true })
    await own.set('real', 'a real value')
    await own.share('token', { with: 'bob', permission: 'write' })
    await own.share('token', { with: 'carol', permission: 'admin' })
    const ofCarol = vault.as({ id: 'carol' }).scope({ owner: 'alice', server: 'github' })
    for (const admin of [own, ofCarol]) {
      expect(await admin.describe('token')).toMatchObject({ isCanary: true })
      expect((await admin.list()).items).toContainEqual(expect.objectContaining({ name: 'token', isCanary: true }))
    }
    expect(await own.describe('real')).not.toHaveProperty('isCanary')
    expect(await ofBob.describe('token')).not.toHaveProperty('isCanary')
    expect((await ofBob.list()).items[0]).not.toHaveProperty('isCanary')
    expect(await ofBob.update('token', { description: 'read by nobody' })).not.toHaveProperty('isCanary')
  })

  it('does not show in the own log of who read it, but to its owner and to auditors', async () => {
    const { vault, own, ofBob } = watched()
    await own.canary('token')
    await own.share('token', { with: 'bob', permission: 'read' })
    await ofBob.get('token')
    const bob = vault.as({ id: 'bob' })
    expect((await bob.auditLog()).items.map(({ event }) => event.action)).toEqual(['secret.accessed'])
    expect((await bob.auditLog({ actions: ['access.canary'] })).items).toEqual([])
    const auditor = vault.as({ id: 'ada', roles: ['auditor'] })
    const { items } = await auditor.auditLog({ actions: ['access.canary'] })
    expect(items.map(({ event }) => event.principal)).toEqual(['bob'])
  })

  it('is put over no secret, and stays one until its name begins again', async () => {
    const { own, alarms, vault } = watched()
    await own.set('real', 'a real value')
    expect(await codeOf(own.canary('real'))).toBe('VAULT_CONFLICT')
    await own.canary('token')
    await own.set('token', 'another value of it')
    await own.get('token')
    expect(alarms).toHaveLength(1)
    await own.delete('token')
    await own.set('token', 'a real value at last')
    await own.get('token')
    expect(alarms).toHaveLength(1)
    await own.delete('token')
    await own.canary('token')
    await own.get('token')
    expect(alarms).toHaveLength(2)
    const maker = vault.as({ id: 'mia', roles: ['maker'] }).scope({ owner: 'alice', server: 'github' })
    await maker.canary('made')
    expect(await own.describe('made')).toMatchObject({ isCanary: true })
  })

  it('is marked in what the record seal covers, and in no column', async () => {
    const { own, store } = watched()
    await own.canary('token', { shape: 'github_token' })
    const stored = await store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'current')
    const { managed = new Uint8Array(), mac: _mac, versions: _versions, ...columns } = stored ?? {}
    expect(decodeManaged(managed)).toEqual(new Map([['canary', Buffer.of(1)]]))
    expect(JSON.stringify(columns)).not.toContain('canary')
  })

  it('fails no read when the alarm throws or rejects', async () => {
    const { vault } = tickingVault({
      onCanary: () => {
        throw new Error('The pager is off.')
      },
    })
    const own = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await own.canary('token')
    expect(await own.get('token')).toBeDefined()
  })

  it('refuses options that make no sense', async () => {
    const { own } = watched()
    // @ts-expect-error There is no such shape.
    expect(await codeOf(own.canary('token', { shape: 'password' }))).toBe('VAULT_VALUE_INVALID')
    // @ts-expect-error A canary is always new.
    expect(await codeOf(own.canary('token', { ifVersion: 1 }))).toBe('VAULT_VALUE_INVALID')
    // @ts-expect-error A text is a string.
    await expect(own.findCanaries(7)).rejects.toThrow(TypeError)
    expect(await codeOf(own.findCanaries('x'.repeat(4_194_305)))).toBe('VAULT_VALUE_INVALID')
    // @ts-expect-error An alarm is a function.
    expect(() => tickingVault({ onCanary: 7 })).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID' }))
  })
})

describe('findCanaries', () => {
  it('raises an alarm for the value of a canary in the arguments of a tool', async () => {
    const { vault, own, alarms } = watched()
    await own.canary('token')
    await own.canary('other')
    await own.set('real', 'a real value')
    const value = (await own.get('token'))?.reveal()
    alarms.length = 0
    expect(await own.findCanaries(JSON.stringify({ header: `Bearer ${value}`, also: 'a real value' }))).toEqual([
      'token',
    ])
    expect(alarms).toMatchObject([{ operation: 'findCanaries', ref: { name: 'token' }, principal: 'alice' }])
    const { items } = await vault.as({ id: 'alice' }).auditLog({ owner: 'alice', actions: ['access.canary'], limit: 1 })
    expect(items[0]?.event).toMatchObject({ operation: 'findCanaries', name: 'token', outcome: 'allowed' })
    expect(await own.findCanaries('nothing of it')).toEqual([])
    expect(alarms).toHaveLength(1)
  })

  it('says nothing to who may read the canary, but not give it away', async () => {
    const { own, ofBob, alarms } = watched()
    await own.canary('token')
    await own.share('token', { with: 'bob', permission: 'write' })
    const value = (await ofBob.get('token'))?.reveal() ?? ''
    alarms.length = 0
    expect(await ofBob.findCanaries(value)).toEqual([])
    expect(alarms).toEqual([])
  })

  it('refuses a scope with too many secrets, which a stranger does not learn', async () => {
    const { vault } = tickingVault({ limits: { getAll: 1 } })
    const own = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await own.canary('one')
    await own.canary('two')
    expect(await codeOf(own.findCanaries('a text'))).toBe('VAULT_NOT_SUPPORTED')
    const stranger = vault.as({ id: 'mallory' }).scope({ owner: 'alice', server: 'github' })
    expect(await stranger.findCanaries('a text')).toEqual([])
  })
})
