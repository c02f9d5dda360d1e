// Owners, grants and the trail on a real store: what is whose, who gave what, and what stays when everything else goes.
import { describe, expect, test } from 'vitest'
import { isLong } from '../campaign/extent.ts'
import { runTenants } from '../tenants/tenant-runs.ts'
import { tenantPolicy } from '../tenants/tenants.ts'
import { operatorPrincipal } from '../vaults/principals.ts'
import { onStore } from './on-store.ts'
import type { StoreSetting } from './store-setting.ts'

/** Thousands of operations, one after another, on a machine that may be busy. */
const longTest = { timeout: 600_000 }

export function sharingSuite(setting: StoreSetting): void {
  describe('between users', () => {
    test(
      '[S38] random operations of tenants reach what is theirs or was given to them, and nothing else',
      longTest,
      () =>
        onStore(setting, async ({ vault, reopen }) => {
          const policy = tenantPolicy
          const vaults = [vault({ policy }), vault({ policy, store: await reopen() })]
          const operations = (setting.tenantOperations ?? 2_000) * (isLong ? 5 : 1)
          await runTenants({ vaults, seed: 3, operations })
          expect((await vault().operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
        }),
    )

    test('[S18] there is one permission for each principal: given, raised, taken back, with who gave it', () =>
      onStore(setting, async ({ vault }) => {
        const shared = vault()
        const alice = shared.as({ id: 'alice' }).scope({ server: 'github' })
        await alice.set('token', 'of alice')
        await alice.share('token', { with: 'bob', permission: 'read' })
        await alice.share('token', { with: 'bob', permission: 'admin' })
        const bob = shared.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' })
        await bob.share('token', { with: 'carol', permission: 'read' })
        const grants = (await alice.grants('token')) ?? []
        expect(grants.map(({ principal, permission, grantedBy }) => [principal, permission, grantedBy])).toEqual([
          ['bob', 'admin', 'alice'],
          ['carol', 'read', 'bob'],
        ])
        expect(grants.every(({ grantedAt }) => grantedAt instanceof Date)).toBe(true)
        expect(await alice.unshare('token', { with: 'bob' })).toBe(true)
        expect(await bob.get('token')).toBeUndefined()
        const carol = shared.as({ id: 'carol' }).scope({ owner: 'alice', server: 'github' })
        expect((await carol.get('token'))?.reveal()).toBe('of alice')
        await expect(carol.set('token', 'of carol')).rejects.toMatchObject({ code: 'VAULT_ACCESS_DENIED' })
      }))

    test('[S15] an event says who did what to which secret, from where, for which deployment, and when', () =>
      onStore(setting, async ({ vault }) => {
        const addresses = ['192.0.2.7', '2001:db8::7']
        const shared = vault()
        for (const sourceIp of addresses) {
          const context = { sourceIp, userAgent: 'client/1.0', deploymentId: 'deployment-1', correlationId: sourceIp }
          await shared.as({ id: 'alice' }, context).scope({ server: 'github' }).set('token', 'of alice')
          const { items } = await shared.as(operatorPrincipal).auditLog({ correlationId: sourceIp })
          const [record] = items
          expect(record?.event).toMatchObject({
            action: sourceIp === addresses[0] ? 'secret.created' : 'secret.updated',
            principal: 'alice',
            owner: 'alice',
            server: 'github',
            name: 'token',
            ...context,
          })
          expect(record?.event.secretId).toMatch(/^[0-9a-f-]{36}$/)
          expect(record?.at).toBeInstanceOf(Date)
        }
      }))

    test('[S17][T46] events outlive their secret and their user, who becomes a pseudonym', () =>
      onStore(setting, async ({ vault, store }) => {
        const shared = vault()
        const alice = shared.as({ id: 'alice' }).scope({ server: 'github' })
        const { id } = await alice.set('token', 'of alice')
        await alice.destroy('token')
        const before = await shared.as(operatorPrincipal).auditLog({ owner: 'alice', limit: 1_000 })
        expect(before.items.length).toBeGreaterThanOrEqual(2)
        await shared.operator(operatorPrincipal).eraseOwner('alice', { trail: 'pseudonymise' })
        expect((await shared.as(operatorPrincipal).auditLog({ owner: 'alice' })).items).toEqual([])
        const rows = await store.audit.query({ secretId: id }, { limit: 10 })
        expect(rows.length).toBeGreaterThanOrEqual(2)
        expect(Buffer.concat(rows.map(({ body }) => body)).includes('"alice"')).toBe(false)
        expect((await shared.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
      }))
  })
}
