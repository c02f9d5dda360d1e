// Many at once on one secret: one creation wins, no write is lost, no version is given twice or left out.
import { isVaultError, type SecretScope, type Vault } from '@mcpvault/core'
import { describe, expect, test } from 'vitest'
import { operatorPrincipal } from '../vaults/principals.ts'
import { expectRekeyed } from '../vaults/rekeyed.ts'
import { onStore } from './on-store.ts'
import type { StoreSetting } from './store-setting.ts'

const creators = 50
const writers = 32

export function concurrencySuite(setting: StoreSetting): void {
  describe('at once', () => {
    test('[S6] of 50 creations of one name exactly one wins, and a second one conflicts', () =>
      onStore(setting, async ({ vault, reopen }) => {
        const vaults = [vault(), vault({ store: await reopen() })]
        const scopes = vaults.map((each) => each.as({ id: 'alice' }).scope({ server: 'github' }))
        const creations = Array.from({ length: creators }, (_, index) =>
          scopes[index % scopes.length]?.set('token', `value ${index}`, { ifVersion: 0 }).then(
            () => index,
            (error: unknown) => (isVaultError(error) ? error.code : error),
          ),
        )
        const answers = await Promise.all(creations)
        const winners = answers.filter((answer) => typeof answer === 'number')
        expect(winners).toHaveLength(1)
        expect(answers.filter((answer) => answer === 'VAULT_CONFLICT')).toHaveLength(creators - 1)
        for (const scope of scopes) expect((await scope.get('token'))?.reveal()).toBe(`value ${winners[0]}`)
        await expect(scopes[1]?.set('token', 'again', { ifVersion: 0 })).rejects.toMatchObject({
          code: 'VAULT_CONFLICT',
        })
      }))

    test('two rekeys among writers and readers lose nothing, and the next run finds what was left', () =>
      onStore(setting, async ({ vault, reopen, store }) => {
        const first = vault()
        const vaults = [first, vault({ store: await reopen() })]
        const scopes = vaults.map((each) => each.as({ id: 'alice' }).scope({ server: 'github' }))
        for (const value of ['older', 'newer']) await scopes[0]?.set('token', value)
        const rekey = (each: Vault) => each.operator(operatorPrincipal).rekey({ owner: 'alice', server: 'github' })
        const write = async (scope: SecretScope, writer: number): Promise<void> => {
          for (let turn = 0; turn < 5; turn += 1) {
            await scope.set(`of ${writer}`, `turn ${turn}`)
            expect((await scope.get(`of ${writer}`))?.reveal()).toBe(`turn ${turn}`)
            expect((await scope.get('token', { version: 1 }))?.reveal()).toBe('older')
          }
        }
        await Promise.all([...vaults.map(rekey), ...scopes.map(write)])
        expect(await rekey(first)).toMatchObject({ resumed: true, skipped: [] })
        await expectRekeyed(store, { owner: 'alice', server: 'github' })
        const fresh = vault().as({ id: 'alice' }).scope({ server: 'github' })
        expect((await fresh.get('token'))?.reveal()).toBe('newer')
        for (const writer of [0, 1]) expect((await fresh.get(`of ${writer}`))?.reveal()).toBe('turn 4')
      }))

    test('[N6][A27] 32 writers on one secret leave no gap, and what each acknowledged was readable at once', async () => {
      const isLong = process.env['MCPVAULT_LONG'] === '1'
      await onStore(setting, async ({ vault, reopen }) => {
        const untilMs = performance.now() + (setting.writingMs ?? (isLong ? 10_000 : 2_000))
        const limits = { versions: 100 }
        const vaults = [vault({ limits }), vault({ limits, store: await reopen() })]
        const scopes = vaults.map((each) => each.as({ id: 'alice' }).scope({ server: 'github' }))
        const written = new Map<number, string>()
        await Promise.all(
          Array.from({ length: writers }, async (_, writer) => {
            const scope = scopes[writer % scopes.length]
            for (let turn = 0; scope !== undefined && performance.now() < untilMs; turn += 1) {
              const value = `writer ${writer}, turn ${turn}`
              try {
                const { version } = await scope.set('token', value)
                expect(written.has(version), `version ${version} is given twice`).toBe(false)
                written.set(version, value)
                const seen = await scope.describe('token')
                expect(seen?.version ?? 0, 'a process reads its own write').toBeGreaterThanOrEqual(version)
              } catch (error) {
                // With so many at once a write may lose every race; then it has not happened.
                if (!isVaultError(error, 'VAULT_CONFLICT')) throw error
              }
            }
          }),
        )
        const versions = [...written.keys()].sort((a, b) => a - b)
        expect(versions).not.toEqual([])
        expect(versions).toEqual(Array.from(versions, (_, index) => index + 1))
        const kept = (await scopes[0]?.history('token')) ?? []
        expect(kept.length).toBe(Math.min(versions.length, limits.versions))
        for (const { version } of kept) {
          expect((await scopes[1]?.get('token', { version }))?.reveal()).toBe(written.get(version))
        }
        expect((await vaults[0]?.operator({ id: 'root', roles: ['operator'] }).verifyAudit())?.problems).toEqual([])
      })
    })
  })
}
