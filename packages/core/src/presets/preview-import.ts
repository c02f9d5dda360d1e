// Says what an import would do to each secret before anything is written.
import { detectPreset } from './list.ts'
import { secretNameProblem } from './secret-name.ts'

/** A secret to import, such as an entry of `parseDotEnv`. */
export interface ImportEntry {
  readonly name: string
  readonly value: string
}

/** A secret that is there: its value where it is known, such as in a script; a page knows names alone. */
export interface ExistingSecret {
  readonly name: string
  readonly value?: string
}

/** What would become of one entry. It never has the value. */
export interface ImportPreview {
  readonly name: string
  /**
   * `changed`: there is a secret with another value, or with one that is not known here. `same`: it has this value.
   * `refused`: it would not be imported.
   */
  readonly kind: 'new' | 'changed' | 'same' | 'refused'
  /** Why it is refused, as in `must not be empty.` */
  readonly reason?: string
  /** The preset that the value looks like. */
  readonly presetId?: string
  /** What the check of that preset finds; the value can be imported all the same. */
  readonly warning?: string
}

/** More than a page shows and a vault takes in one go. */
const maxEntries = 1_000
const defaultMaxBytes = 65_536

/**
 * What the import of each entry would do, in their order. Of a name that comes twice, all but the last are refused.
 * Refused are names and values that a vault with the default `limits.valueBytes` does not take, and more than 1,000.
 *
 * @example
 * const { entries } = parseDotEnv('API_KEY=one\nDB=two\nEMPTY=')
 * const rows = previewImport(entries, [{ name: 'DB' }])
 * console.log(rows.map(({ name, kind }) => `${name} ${kind}`)) // [ 'API_KEY new', 'DB changed', 'EMPTY refused' ]
 */
export function previewImport(
  entries: readonly ImportEntry[],
  existing: Iterable<ExistingSecret>,
): readonly ImportPreview[] {
  const there = new Map(Array.from(existing, (secret) => [secret.name, secret]))
  const lastOf = new Map(entries.map(({ name }, index) => [name, index]))
  return entries.map(({ name, value }, index) => {
    const reason =
      refusalOf(index, { name, value }) ?? (lastOf.get(name) === index ? undefined : 'is given again below.')
    if (reason !== undefined) return { name, kind: 'refused', reason }
    const secret = there.get(name)
    const kind = secret === undefined ? 'new' : secret.value === value ? 'same' : 'changed'
    return { name, kind, ...lookOf(value) }
  })
}

function refusalOf(index: number, { name, value }: ImportEntry): string | undefined {
  if (index >= maxEntries) return 'comes after the 1,000 that are imported at most.'
  const problem = secretNameProblem(name)
  if (problem !== undefined) return `The name ${problem}`
  if (value === '') return 'has no value.'
  if (value.length > defaultMaxBytes || new TextEncoder().encode(value).length > defaultMaxBytes)
    return 'must be at most 64 KiB of UTF-8.'
  return value.isWellFormed() ? undefined : 'must be well-formed text, without lone surrogates.'
}

function lookOf(value: string): Pick<ImportPreview, 'presetId' | 'warning'> {
  const preset = detectPreset(value)
  if (preset === undefined) return {}
  const check = preset.check(value)
  const warning = check.ok ? undefined : check.problems[0]?.message
  return { presetId: preset.id, ...(warning === undefined ? {} : { warning }) }
}
