// Moves a vault to another store: everything is copied sealed, as it is, and then compared.
import type { CallOptions, VaultStore } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, callSafely } from '../time/index.ts'
import { copyCheckpoints, copyTrail } from './copy-audit.ts'
import { copyDataKeys } from './copy-data-keys.ts'
import type { CopyProgress, CopyReport, CopyRun } from './copy-run.ts'
import { copySecrets } from './copy-secrets.ts'
import { parseCopy } from './parse-copy.ts'

export interface CopyVaultOptions extends CallOptions {
  readonly from: VaultStore
  /** Migrated, and empty or with what an earlier run has copied. */
  readonly to: VaultStore
  /** Called after each page. What it throws is ignored; to stop the copy, abort the signal. */
  readonly onProgress?: (progress: CopyProgress) => void
  /** `storeMs`: the time limit of one call to a store, in ms, from 1 to 600,000. Default 30,000. */
  readonly limits?: { readonly storeMs?: number }
  /** The time of the limits. Default: the machine's clock. */
  readonly clock?: Clock
}

const vaultIdKey = 'vault-id'

/**
 * Copies a whole vault from one store to another: secrets with all versions, permissions and counters, data keys, the
 * audit trail and its checkpoints, and the vault's identity, so that the same keys open it. Nothing is opened on the
 * way, and the source is only read. A run that was stopped is begun again, and goes on where something is missing. At
 * the end everything is read again from both stores and compared.
 *
 * Let nobody write to either store meanwhile. Throws `VAULT_CONFIG_INVALID` when the target is another vault's, and
 * `VAULT_CONFLICT` with the ref when the stores differ afterwards: somebody wrote, so run it again. Throws
 * `VAULT_OPEN_FAILED` or `VAULT_ENVELOPE_INVALID` with the ref when the source has a row that it cannot read,
 * `VAULT_STORE_FAILED` when a store does not answer in time, `VAULT_CONFIG_INVALID` for an option that there is not, and
 * TypeError for one of a wrong type.
 *
 * @example
 * const report = await copyVault({ from: sqlite, to: postgres, onProgress: ({ secrets }) => console.log(secrets) })
 */
export async function copyVault(given: CopyVaultOptions): Promise<CopyReport> {
  const { from, to, onProgress, call: options } = parseCopy(given)
  await copyIdentity({ from, to, options })
  let counts: CopyReport = nothing
  for (const step of ['copy', 'verify'] as const) {
    counts = nothing
    const run: CopyRun = {
      from,
      to,
      step,
      options,
      count(what, howMany) {
        counts = { ...counts, [what]: counts[what] + howMany }
        callSafely(() => onProgress?.({ step, ...counts }))
      },
    }
    // Keys first, so that the target never has a secret without its key.
    await copyDataKeys(run)
    await copySecrets(run)
    await copyTrail(run)
    await copyCheckpoints(run)
  }
  return counts
}

const nothing: CopyReport = Object.freeze({ secrets: 0, dataKeys: 0, auditRows: 0, checkpoints: 0 })

async function copyIdentity({ from, to, options }: Pick<CopyRun, 'from' | 'to' | 'options'>): Promise<void> {
  const vaultId = await from.meta.read(vaultIdKey, options)
  if (vaultId === undefined) return
  const there = await to.meta.insertOnce(vaultIdKey, vaultId, options)
  if (Buffer.compare(there, vaultId) === 0) return
  throw new VaultError('VAULT_CONFIG_INVALID', {
    field: 'to',
    detail: 'must be an empty store, or a copy of this vault: it holds another one.',
  })
}
