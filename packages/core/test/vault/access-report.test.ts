// accessReport: who read what, and who was refused, counted over a part of the trail.

import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { sampleAuditRow } from '../../src/testing/index.ts'
import type { AccessReportOptions } from '../../src/vault/parse/access-report.ts'

const root = { id: 'root', roles: ['auditor'] }

/** Secrets of alice and carol; bob may read one of alice's, and mallory none. */
async function accessed() {
  const test = testVault()
  const of = (owner: string, id: string, server = 'github') => test.vault.as({ id }).scope({ owner, server })
  await of('alice', 'alice').set('token', 'x')
  await of('alice', 'alice').set('other', 'x')
  await of('alice', 'alice', 'figma').set('token', 'x')
  await of('carol', 'carol').set('token', 'x')
  await of('alice', 'alice').share('token', { with: 'bob', permission: 'read' })
  test.clock.advance(1_000)
  const since = test.clock.now()
  const after = async (work: Promise<unknown>) => {
    await codeOf(work)
    test.clock.advance(1)
  }
  await after(of('alice', 'bob').get('token'))
  await after(of('alice', 'bob').use('token', () => 1))
  await after(of('alice', 'alice').getAll())
  await after(of('alice', 'alice', 'figma').get('token'))
  await after(of('alice', 'alice').get('absent'))
  await after(of('alice', 'bob').set('token', 'y'))
  await after(of('alice', 'mallory').get('token'))
  await after(of('alice', 'mallory').list())
  await after(of('carol', 'carol').get('token'))
  const report = (principal: { readonly id: string; readonly roles?: readonly string[] }, options = {}) =>
    test.vault.as(principal).accessReport({ since, ...options })
  return { ...test, of, since, report }
}

const counts = (reads: number, denied: number) => ({ reads, denied })

describe('[A40] accessReport', () => {
  it('counts reads and refusals by secret, by principal and by server', async () => {
    const { report } = await accessed()
    const found = await report(root)
    expect(found).toMatchObject({ isComplete: true, untrusted: 0 })
    expect(found.bySecret).toMatchObject([
      { owner: 'alice', server: 'github', name: 'token', ...counts(3, 2) },
      { owner: 'carol', server: 'github', name: 'token', ...counts(1, 0) },
      { owner: 'alice', server: 'figma', name: 'token', ...counts(1, 0) },
      { owner: 'alice', server: 'github', name: 'other', ...counts(1, 0) },
    ])
    const byPrincipal = new Map(found.byPrincipal.map(({ principal, reads, denied }) => [principal, [reads, denied]]))
    expect(Object.fromEntries(byPrincipal)).toEqual({ alice: [3, 0], bob: [2, 1], mallory: [0, 2], carol: [1, 0] })
    expect(found.byServer).toMatchObject([
      { server: 'github', ...counts(5, 3) },
      { server: 'figma', ...counts(1, 0) },
    ])
  })

  it('[S33][T49] answers who read a secret since a time, with the first and the last time', async () => {
    const { report, of, clock, since } = await accessed()
    const first = await report(root, { owner: 'alice', server: 'github', name: 'token' })
    expect(first.byPrincipal.filter(({ reads }) => reads > 0).map(({ principal }) => principal)).toEqual([
      'bob',
      'alice',
    ])
    const [bob] = first.byPrincipal
    expect((bob?.firstAt ?? since) < (bob?.lastAt ?? since)).toBe(true)
    const later = clock.now()
    await of('alice', 'bob').get('token')
    const asked = { owner: 'alice', server: 'github', name: 'token' }
    const after = await report(root, { ...asked, since: later })
    expect(after.byPrincipal).toMatchObject([{ principal: 'bob', ...counts(1, 0) }])
    expect(after.byPrincipal[0]?.firstAt).toEqual(after.byPrincipal[0]?.lastAt)
    const before = await report(root, { ...asked, until: later })
    expect(before.byPrincipal).toEqual(first.byPrincipal)
  })

  it('filters by owner, server, name and principal', async () => {
    const { report } = await accessed()
    expect((await report(root, { owner: 'carol' })).bySecret).toMatchObject([{ owner: 'carol', ...counts(1, 0) }])
    expect((await report(root, { server: 'figma' })).byPrincipal).toMatchObject([{ principal: 'alice', reads: 1 }])
    expect((await report(root, { name: 'other' })).bySecret).toHaveLength(1)
    expect((await report(root, { principal: 'bob' })).bySecret).toMatchObject([{ name: 'token', ...counts(2, 1) }])
  })

  it('shows an owner those of its secrets, and others their own alone, as if a hidden secret were absent', async () => {
    const { report } = await accessed()
    const own = await report({ id: 'alice' }, { owner: 'alice' })
    expect([...own.byPrincipal.map(({ principal }) => principal)].sort()).toEqual(['alice', 'bob', 'mallory'])
    const ofBob = await report({ id: 'bob' })
    expect(ofBob.bySecret).toMatchObject([{ owner: 'alice', name: 'token', ...counts(2, 1) }])
    expect(ofBob.byPrincipal).toHaveLength(1)
    expect((await report({ id: 'mallory' })).bySecret).toEqual([])
    expect((await report({ id: 'mallory' }, { owner: 'alice' })).byPrincipal).toEqual([])
    expect(await codeOf(report({ id: 'mallory' }, { principal: 'bob' }))).toBe('VAULT_ACCESS_DENIED')
  })

  it('looks at no more than maxEvents, from the newest on, and says when there are more', async () => {
    const { report } = await accessed()
    const all = await report(root, { owner: 'alice' })
    // Bob read twice, alice three values, bob and mallory were refused three times.
    const some = await report(root, { owner: 'alice', maxEvents: 3 })
    expect(some).toMatchObject({ isComplete: false, bySecret: [{ name: 'token', ...counts(0, 2) }] })
    expect(await report(root, { owner: 'alice', maxEvents: 7 })).toMatchObject({ isComplete: false })
    expect(await report(root, { owner: 'alice', maxEvents: 8 })).toEqual(all)
  })

  it('goes through many pages, and stops between them', async () => {
    const { vault, scope, store, clock } = testVault()
    await scope('alice').set('token', 'x')
    clock.advance(1)
    const since = clock.now()
    for (let read = 0; read < 2_100; read++) await scope('alice').get('token')
    const query = store.audit.query
    const limits: number[] = []
    const controller = new AbortController()
    Object.assign(store.audit, {
      query: (...[filter, options]: Parameters<typeof query>) => {
        limits.push(options.limit)
        if (limits.length === 11) controller.abort(new Error('enough'))
        return query(filter, options)
      },
    })
    const alice = vault.as({ id: 'alice' })
    const report = (maxEvents: number, signal?: AbortSignal) =>
      alice.accessReport({ owner: 'alice', since, maxEvents, signal })
    expect(await report(10_000)).toMatchObject({ isComplete: true, bySecret: [counts(2_100, 0)] })
    expect(limits).toEqual([1_000, 1_000, 1_000])
    expect(await report(2_000)).toMatchObject({ isComplete: false, bySecret: [counts(2_000, 0)] })
    expect(limits.slice(3)).toEqual([1_000, 1_000, 1])
    expect(await report(2_100)).toMatchObject({ isComplete: true, bySecret: [counts(2_100, 0)] })
    await expect(report(10_000, controller.signal)).rejects.toThrow('enough')
    expect(limits).toHaveLength(11)
  })

  it('counts rows that no vault wrote apart', async () => {
    const { report, store, since } = await accessed()
    const { columns } = sampleAuditRow({ stream: 'f'.repeat(32) })
    const forged = { ...columns, at: since, owner: 'alice', outcome: 'allowed' as const }
    await store.audit.append([{ ...sampleAuditRow({ stream: 'f'.repeat(32) }), columns: forged }])
    expect(await report(root, { owner: 'alice' })).toMatchObject({ untrusted: 1, isComplete: true })
  })

  it('[T37] is itself recorded', async () => {
    const { report, vault } = await accessed()
    await report({ id: 'alice' }, { owner: 'alice' })
    const { items } = await vault.as({ id: 'alice' }).auditLog({ actions: ['audit.read'] })
    expect(items[0]?.event).toMatchObject({ operation: 'accessReport', outcome: 'allowed', count: 8 })
  })

  it('is asked of the authorize hook, as the log is', async () => {
    const { vault } = testVault({ authorize: ({ operation }) => operation !== 'auditLog' })
    expect(await codeOf(vault.as(root).accessReport({ since: new Date(0) }))).toBe('VAULT_ACCESS_DENIED')
  })

  it('is not there when auditing is off', async () => {
    const { vault } = testVault({ audit: { mode: 'dangerously-off' } })
    expect(await codeOf(vault.as(root).accessReport({ since: new Date(0) }))).toBe('VAULT_NOT_SUPPORTED')
  })

  it.each<readonly [object | undefined, unknown]>([
    [undefined, TypeError],
    [{}, TypeError],
    [{ since: '2026-01-01' }, TypeError],
    [
      { since: new Date(5), until: new Date(5) },
      { code: 'VAULT_VALUE_INVALID', field: 'until' },
    ],
    [
      { since: new Date(5), maxEvents: 0 },
      { code: 'VAULT_VALUE_INVALID', field: 'maxEvents' },
    ],
    [
      { since: new Date(5), maxEvents: 100_001 },
      { code: 'VAULT_VALUE_INVALID', field: 'maxEvents' },
    ],
    [
      { since: new Date(5), actions: [] },
      { code: 'VAULT_VALUE_INVALID', field: 'options.actions' },
    ],
    [
      { since: new Date(5), owner: '' },
      { code: 'VAULT_REF_INVALID', field: 'owner' },
    ],
  ])('refuses %j', async (options, error) => {
    // Wrong on purpose, as a caller without types may be.
    const call = testVault()
      .vault.as(root)
      .accessReport(options as AccessReportOptions)
    if (error === TypeError) await expect(call).rejects.toThrow(TypeError)
    else await expect(call).rejects.toMatchObject(error as object) // the table's other entries are objects
  })
})
