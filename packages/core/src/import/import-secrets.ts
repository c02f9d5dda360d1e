// importSecrets: brings the secrets of a source into a scope; a second run changes nothing.
import { importEntry } from './import-entry.ts'
import { type ImportOptions, parseImport } from './options.ts'
import type { ImportReport, RefusedSecret } from './report.ts'
import { entriesOf, type SourceEntry } from './source.ts'

/**
 * Imports at most 10,000 secrets, one after another. Each is compared with what the scope has under its name: a secret
 * with the same value is kept, so a run that was stopped is begun again and goes on where something is missing. A secret
 * that the vault does not take, that the principal may not read or write, or whose name came before in the same source is
 * refused, and the rest goes on. The report has names and reasons, never a value. Each comparison is a read in the audit
 * trail, and each import a write.
 *
 * Throws what ends the whole import: an error of the source, the reason of the signal, `VAULT_STORE_FAILED` and the like,
 * `VAULT_VALUE_INVALID` with the field `from` for a longer source or one that takes more than 10 minutes for an entry,
 * `VAULT_CONFIG_INVALID` for an option that there is not, TypeError for a wrong type. What was imported before stays.
 *
 * @example
 * const from = envSecrets({ prefix: 'APP_SECRET_' })
 * const { created, refused } = await importSecrets({ from, into: vault.as({ id: 'app' }).scope({ server: 'app' }) })
 * for (const { name, code, detail } of refused) console.error(name, code, detail)
 */
export async function importSecrets<E extends SourceEntry>(options: ImportOptions<E>): Promise<ImportReport> {
  const parsed = parseImport(options)
  const { from, clock, signal, onProgress } = parsed
  const created: string[] = []
  const kept: string[] = []
  const updated: string[] = []
  const refused: RefusedSecret[] = []
  const taken = new Set<string>()
  let index = 0
  for await (const entry of entriesOf(from, { clock, signal })) {
    const outcome = await importEntry(entry, { ...parsed, index, taken })
    if (outcome.kind === 'refused') refused.push(outcome.refused)
    else ({ created, kept, updated })[outcome.kind].push(outcome.name)
    index += 1
    onProgress({ created: created.length, kept: kept.length, updated: updated.length, refused: refused.length })
  }
  return Object.freeze({ created, kept, updated, refused })
}
