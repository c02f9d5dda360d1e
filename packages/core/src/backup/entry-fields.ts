// Reads the fields of an entry, each as what it must be.
import { VaultError } from '../errors/index.ts'

/** The fields of an object in an entry. Each read throws `VAULT_ENVELOPE_INVALID` for a field of another type. */
export interface EntryFields {
  text(name: string): string
  /** Undefined when there is none. */
  optionalText(name: string): string | undefined
  integer(name: string): number
  instant(name: string): Date
  optionalInstant(name: string): Date | undefined
  texts(name: string): readonly string[]
  /** One of a few values. */
  oneOf<T extends string | number>(name: string, values: readonly T[]): T
  object(name: string): EntryFields
  objects(name: string): readonly EntryFields[]
}

/** The reader of an object that JSON.parse gave. */
export function entryFields(value: unknown): EntryFields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed()
  const fields = new Map<string, unknown>(Object.entries(value))
  const list = (name: string): readonly unknown[] => {
    const found = fields.get(name)
    if (!Array.isArray(found)) throw malformed()
    return found
  }
  const read: EntryFields = {
    text: (name) => asText(fields.get(name)),
    optionalText: (name) => (fields.has(name) ? asText(fields.get(name)) : undefined),
    integer(name) {
      const found = fields.get(name)
      if (typeof found !== 'number' || !Number.isSafeInteger(found)) throw malformed()
      return found
    },
    instant(name) {
      const at = new Date(asText(fields.get(name)))
      if (Number.isNaN(at.getTime())) throw malformed()
      return at
    },
    optionalInstant: (name) => (fields.has(name) ? read.instant(name) : undefined),
    texts: (name) => list(name).map(asText),
    oneOf(name, values) {
      const found = values.find((each) => each === fields.get(name))
      if (found === undefined) throw malformed()
      return found
    },
    object: (name) => entryFields(fields.get(name)),
    objects: (name) => list(name).map(entryFields),
  }
  return read
}

function asText(value: unknown): string {
  if (typeof value !== 'string') throw malformed()
  return value
}

/** The error of an entry that no vault writes. */
export function malformed(): VaultError {
  return new VaultError('VAULT_ENVELOPE_INVALID', { detail: 'The archive has an entry that is not well formed.' })
}
