// Vaults on a store that a suite was given, with the roles that the tests need.
import { createVault, generateKey, keyRing, type Vault, type VaultOptions } from '@mcpvault/core'
import { testPolicy } from '../vaults/principals.ts'
import type { OpenedStore, StoreSetting } from './store-setting.ts'

export interface VaultsOnStore extends OpenedStore {
  /** A vault on the store, or on another handle of it. */
  vault(options?: Partial<VaultOptions>): Vault
}

/** Gives `work` a fresh store and vaults on it that share a key; all are closed afterwards. */
export async function onStore(setting: StoreSetting, work: (parts: VaultsOnStore) => Promise<void>): Promise<void> {
  const opened = await setting.open()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const vaults: Vault[] = []
  try {
    await work({
      ...opened,
      vault(options = {}) {
        const vault = createVault({ keys, store: opened.store, policy: testPolicy, ...options })
        vaults.push(vault)
        return vault
      },
    })
  } finally {
    for (const vault of vaults) await vault.close()
    await opened.cleanup()
  }
}
