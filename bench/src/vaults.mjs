// Vaults to measure: on a given store, with one key, in one audit mode, and scopes filled with secrets.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault, generateKey, keyRing } from '@mcpvault/core'

/** Opened by every vault of one process on the same store. */
export const benchKeys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

/** Of 32 bytes, as tokens are. */
export const value = 'a secret value. a secret value. '
export const callers = 32
/** So many secrets in turn that no two of the callers write one of them at the same time. */
const secretCount = 200

/**
 * @param {import('@mcpvault/core').VaultStore} store
 * @param {NonNullable<import('@mcpvault/core').AuditOptions['mode']>} mode
 */
export function vaultOn(store, mode) {
  return createVault({ keys: benchKeys, store, audit: { mode } })
}

/** @param {import('@mcpvault/core').Vault} vault */
export function scopeOf(vault) {
  return vault.as({ id: 'alice' }).scope({ server: 'github' })
}

/** The refs that the scope of `scopeOf` gives its secrets. @param {number} turn */
export function refAt(turn) {
  return { owner: 'alice', server: 'github', name: nameAt(turn) }
}

/** @param {number} turn */
export function nameAt(turn) {
  return `SECRET_${turn % secretCount}`
}

/**
 * Calls for each name once, many at a time.
 *
 * @param {(turn: number) => Promise<unknown>} call
 * @param {number} [count]
 */
export async function forEachTurn(call, count = secretCount) {
  let next = 0
  const caller = async () => {
    while (next < count) {
      next += 1
      await call(next - 1)
    }
  }
  await Promise.all(Array.from({ length: Math.min(callers, count) }, caller))
}

/** Stores a value under every name. @param {import('@mcpvault/core').SecretScope} scope */
export async function fillScope(scope) {
  // The first makes the scope's key, which the others then find.
  await scope.set(nameAt(0), value)
  await forEachTurn((turn) => scope.set(nameAt(turn), value))
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
