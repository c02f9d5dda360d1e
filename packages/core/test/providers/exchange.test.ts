// One vault under one provider after another: a variable, a file, a callback, a key service; every value still opens.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { expect, it } from 'vitest'
import { keyServiceProvider } from '../../src/adapter/index.ts'
import type { KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { keyFromEnv, keyFromFile, keyRing, multiProvider } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { service } from '../adapter/fake-service.ts'
import { currentOf, keyOf, textOf } from './fixtures.ts'

/** A provider of the host's own, which gets its key by a function, such as from a secret manager, at each call. */
function fromCallback(readKey: () => Promise<Uint8Array>): KeyProvider {
  const ring = async () => keyRing({ current: 'manager#1', keys: { 'manager#1': await readKey() } })
  return {
    id: 'secret-manager',
    currentKeyIds: () => new Set(['manager#1']),
    wrap: async (request, options) => (await ring()).wrap(request, options),
    unwrap: async (record, scope, options) => (await ring()).unwrap(record, scope, options),
  }
}

const vaultUnder = (store: VaultStore, keys: KeyProvider) => testVault({ store, keys })

it('[A9] the key provider of a vault is exchanged for another kind, again and again, and every value still opens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-exchange-'))
  const path = join(folder, 'key')
  writeFileSync(path, `file#1:${textOf('file')}\n`)
  chmodSync(path, 0o600)
  const providers = [
    keyFromEnv({ env: { MCPVAULT_KEY: `env#1:${textOf('env')}` } }),
    keyFromFile(path),
    fromCallback(async () => keyOf('manager')),
    keyServiceProvider(service('service/one', ['service/one'])),
    keyFromEnv({ env: { MCPVAULT_KEY: `env#2:${textOf('env again')}` } }),
  ] as const
  try {
    const store = memoryStore()
    const values = new Map<string, string>()
    let before: KeyProvider | undefined
    for (const provider of providers) {
      if (before !== undefined) await exchange(store, { before, provider })
      const { scope, vault } = vaultUnder(store, provider)
      for (const [owner, value] of values) expect((await scope(owner).get('token'))?.reveal()).toBe(value)
      // One owner whose data key goes through all of them, and one who begins here.
      for (const owner of ['alice', `since-${provider.id}-${values.size}`]) {
        values.set(owner, `under ${provider.id}`)
        await scope(owner).set('token', `under ${provider.id}`)
      }
      expect(await vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
      await vault.close()
      before = provider
    }
    expect(values.size).toBe(6)
    expect(await codeOf(vaultUnder(store, providers[0]).scope('alice').get('token'))).toBe('VAULT_KEY_UNKNOWN')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Both wrap for a while, so that every process can be restarted with the new one; then the old one goes. */
async function exchange(
  store: VaultStore,
  { before, provider }: { readonly before: KeyProvider; readonly provider: KeyProvider },
): Promise<void> {
  const old = await currentOf(before)
  const both = vaultUnder(store, multiProvider({ primary: provider, recovery: [before] })).vault
  expect((await both.operator(operatorPrincipal).rewrap()).quarantined).toEqual([])
  const { vault } = vaultUnder(store, provider)
  const operator = vault.operator(operatorPrincipal)
  expect(await operator.rewrap({ drop: [old] })).toMatchObject({ quarantined: [] })
  await operator.assertRetirable(old)
  expect([...(await operator.census()).byKeyId.keys()]).toEqual([await currentOf(provider)])
  for (const each of [both, vault]) await each.close()
}
