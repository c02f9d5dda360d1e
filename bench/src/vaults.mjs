// Vaults to measure: on a given store, with one key, in one audit mode.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault, generateKey, keyRing } from '@mcpvault/core'

/** Opened by every vault of one process on the same store. */
export const benchKeys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

/**
 * @param {import('@mcpvault/core').VaultStore} store
 * @param {NonNullable<import('@mcpvault/core').AuditOptions['mode']>} mode
 */
export function vaultOn(store, mode) {
  return createVault({ keys: benchKeys, store, audit: { mode } })
}

/**
 * Stores a value of 32 bytes under `count` names, and returns the names.
 *
 * @param {import('@mcpvault/core').SecretScope} scope
 * @param {number} count
 */
export async function fillScope(scope, count) {
  const names = Array.from({ length: count }, (_, index) => `SECRET_${index}`)
  for (const name of names) await scope.set(name, 'a secret value. a secret value. ')
  return names
}

/**
 * Gives `work` a folder that is gone afterwards.
 *
 * @template T
 * @param {(folder: string) => Promise<T>} work
 */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
