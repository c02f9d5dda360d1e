// One secret of the engine, as an import takes it.
import type { Json } from '../http.ts'

/** Where a secret is. A folder has a slash at its end. */
export interface Place {
  /** The path from the folder that was asked for. */
  readonly name: string
  /** The path from the mount. */
  readonly path: string
}

/** A secret with its newest version. It has the values: do not log it. */
export interface KvFound extends Place {
  /** Whole numbers, true and false are given as text. */
  readonly fields: Readonly<Record<string, string>>
  readonly version: number
  /** The field `description` of its custom metadata. */
  readonly description?: string
  readonly refused?: undefined
}

/** A secret that cannot be given. */
export interface KvRefused extends Place {
  readonly fields?: undefined
  readonly refused: {
    readonly code: 'VAULT_KEY_DENIED' | 'VAULT_VALUE_INVALID' | 'VAULT_REF_INVALID' | 'VAULT_NOT_SUPPORTED'
    readonly detail: string
  }
}

/** What `kvSecrets` gives, and `importSecrets` takes. */
export type KvSecret = KvFound | KvRefused

/** What was read of a secret, before its fields are looked at. */
export interface KvVersion {
  readonly data: Json
  readonly version: number
  readonly description: string | undefined
}

/** The secret with its fields as text, or refused. */
export function secretOf(place: Place, { data, version, description }: KvVersion): KvSecret {
  const fields: [string, string][] = []
  for (const [name, value] of Object.entries(data)) {
    const text = textOf(value)
    // JSON has lost the form of other numbers, and a list or an object is no text.
    if (text === undefined)
      return refusedSecret(place, {
        code: 'VAULT_VALUE_INVALID',
        detail: 'must have only fields of text, whole numbers, true or false.',
      })
    fields.push([name, text])
  }
  const found = { ...place, fields: Object.fromEntries(fields), version }
  return description === undefined ? found : { ...found, description }
}

export function refusedSecret({ name, path }: Place, refused: KvRefused['refused']): KvRefused {
  return { name, path, refused }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : undefined
}
