// requireSecrets: all that is missing, in one error, before a server takes its first call.
import { describe, expect, it } from 'vitest'
import { requireSecrets } from '../../src/index.ts'
import { userVault } from '../support/test-vault.ts'
import { makeToken } from '../support/user-vault.ts'

const principal = { id: 'alice' }

describe('requireSecrets', () => {
  it('[S34] is silent when all that is declared can be used, and asks for nothing optional', async () => {
    const { vault } = await userVault()
    const secrets = { token: 'issues', proxy: { server: 'proxy', optional: true } } as const
    expect(await requireSecrets(vault, { principal, secrets })).toBeUndefined()
    expect(await requireSecrets(vault, { principal, secrets: [] })).toBeUndefined()
  })

  it('[S34] names all that cannot be used at once, of all tools, each once, without values', async () => {
    const { vault, tokens } = await userVault()
    const scope = vault.as(principal).scope({ server: 'issues' })
    await scope.set('off', makeToken())
    await scope.deactivate('off')
    const expiresAt = new Date(Date.now() + 3_600_000)
    await scope.set('ok', makeToken(), { expiresAt })
    const one = { token: 'issues', off: 'issues', key: 'search' }
    const two = {
      mail: { server: 'mail', name: 'password' },
      key: 'search',
      bobs: { server: 'issues', owner: 'bob', name: 'token' },
    }
    const check = requireSecrets(vault, { principal, secrets: [one, two], howToStore: 'Use the settings page.' })
    const error = await check.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'MCP_SECRET_MISSING',
      missing: [
        { key: 'off', server: 'issues', reason: 'inactive' },
        { key: 'key', server: 'search', reason: 'missing' },
        { key: 'mail', server: 'mail', name: 'password', reason: 'missing' },
        { key: 'bobs', owner: 'bob', server: 'issues', name: 'token', reason: 'missing' },
      ],
    })
    const lines = String(error).split('\n')
    expect(lines[0]).toBe('McpVaultError: 4 secrets cannot be used:')
    expect(lines[1]).toBe('- "off" for the server "issues": it is inactive. Activate it first. Use the settings page.')
    expect(lines).toHaveLength(5)
    expect(String(error)).not.toContain(tokens.bob)
  })

  it('decrypts nothing', async () => {
    const { vault, auditor } = await userVault()
    await requireSecrets(vault, { principal, secrets: { token: 'issues' } })
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed'] })
    expect(items).toEqual([])
  })

  it('refuses more declarations than a report can have', async () => {
    const { vault } = await userVault()
    const secrets = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`name${index}`, 'issues']))
    const check = requireSecrets(vault, { principal, secrets })
    await expect(check).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'secrets' })
  })
})
