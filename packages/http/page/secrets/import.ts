// What an import of a .env text would do, and doing it: nothing is written before the user has seen the first.
import { findPreset, type ImportPreview, parseDotEnv, previewImport } from '@mcpvault/core/presets'
import { api, type ListedSecret, me, type Problem, type SecretInfo } from '../client.ts'
import { upsert } from './list.ts'

/** One line of the preview, and what became of it. */
export interface ImportRow extends ImportPreview {
  readonly line: number
  readonly value: string
  /** What is stored under the name now. */
  readonly existing: SecretInfo | undefined
  readonly done: 'not yet' | 'stored' | 'failed'
  readonly problem: Problem | undefined
}

export interface ImportPlan {
  readonly rows: readonly ImportRow[]
  /** Lines that are no variable. */
  readonly problems: readonly { readonly line: number; readonly message: string }[]
  /** How many stored values were read to tell changed from same, and how many could not be. */
  readonly compared: number
  readonly uncompared: number
}

/** More comparisons than this would soon meet the limit on reveals. */
const maxCompared = 20

/** Reads the text and what is stored; gives the plan or the problem. */
export async function planImport(text: string, server: string): Promise<ImportPlan | Problem> {
  const { entries, problems } = parseDotEnv(text)
  const stored = await storedAt(server)
  if ('kind' in stored) return stored
  const byName = new Map(stored.map((info) => [info.name, info]))
  const wanted = [...new Set(entries.map(({ name }) => name))].flatMap((name) => byName.get(name) ?? [])
  const values = await valuesOf(wanted.slice(0, maxCompared))
  const existing = stored.map(({ name }) => {
    const value = values.get(name)
    return value === undefined ? { name } : { name, value }
  })
  const rows = previewImport(entries, existing).map((preview, index): ImportRow => {
    const { line = 0, value = '' } = entries[index] ?? {}
    return { ...preview, line, value, existing: byName.get(preview.name), done: 'not yet', problem: undefined }
  })
  return { rows, problems, compared: values.size, uncompared: wanted.length - values.size }
}

/** The user's own secrets of a server, by the name of each. */
async function storedAt(server: string): Promise<readonly SecretInfo[] | Problem> {
  const all: ListedSecret[] = []
  let cursor: string | undefined
  do {
    const answer = await api.list({ server, state: 'any', limit: 1_000, ...(cursor && { cursor }) })
    if (!answer.ok) return answer.problem
    all.push(...answer.data.items)
    cursor = answer.data.cursor ?? undefined
  } while (cursor !== undefined && all.length < 10_000)
  const own = all.filter(({ owner }) => owner === me.value?.id)
  // To a write, what was deleted is not there.
  return own.filter((item) => item.state !== 'untrusted').filter(({ state }) => state !== 'deleted')
}

async function valuesOf(secrets: readonly SecretInfo[]): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>()
  for (const info of secrets) {
    if (info.state !== 'active' || info.encoding !== 'text') continue
    const answer = await api.reveal(info, { reason: 'to compare with a .env file' })
    // The limit on reveals, or a refusal: the rest counts as changed.
    if (!answer.ok) break
    if (answer.data.encoding === 'text') values.set(info.name, answer.data.value)
  }
  return values
}

export function isToWrite(row: ImportRow): boolean {
  return (row.kind === 'new' || row.kind === 'changed') && row.done !== 'stored'
}

/** Stores one row: as new, or over exactly the state that the preview was made from. */
export async function storeRow(row: ImportRow, server: string): Promise<ImportRow> {
  const ref = { owner: me.value?.id ?? '', server, name: row.name }
  const type = row.presetId === undefined ? undefined : findPreset(row.presetId)?.type
  const isNew = row.existing === undefined
  const body = { value: row.value, ...(isNew && type !== undefined && { type }) }
  const answer = await api.set(ref, body, { ifRevision: row.existing?.revision ?? 0 })
  if (!answer.ok) return { ...row, done: 'failed', problem: answer.problem }
  upsert(answer.data)
  return { ...row, value: '', existing: answer.data, done: 'stored', problem: undefined }
}
