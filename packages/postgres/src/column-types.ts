// How the columns of the store's own statements are read, whatever parsers the caller has given to the driver.
import { VaultError } from '@mcpvault/core'

/** The parsers of one statement, as `pg` asks for them by the object id of the column's type. */
export interface ColumnTypes {
  getTypeParser(type: number, format?: string): (value: string) => unknown
}

/** Object ids of the built-in types, which never change (PostgreSQL source, `pg_type.dat`). */
const types = Object.freeze({ boolean: 16, bytea: 17, smallint: 21, integer: 23, json: 114, jsonb: 3802 })

const parsers: ReadonlyMap<number, (value: string) => unknown> = new Map<number, (value: string) => unknown>([
  [types.boolean, (value) => value === 't'],
  [types.bytea, parseBytes],
  [types.smallint, Number],
  [types.integer, Number],
  [types.json, JSON.parse],
  [types.jsonb, JSON.parse],
])

/** All else is text, 64-bit numbers too: a `number` does not hold each of them. */
const asText = (value: string): string => value

export const columnTypes: ColumnTypes = Object.freeze({
  getTypeParser: (type: number, format?: string) =>
    format === 'binary' ? refuseBinary : (parsers.get(type) ?? asText),
})

/** The driver reads the binary form of a column as UTF-8, which loses bytes before any parser sees them. */
export function refuseBinary(): never {
  throw new VaultError('VAULT_CONFIG_INVALID', {
    field: 'pool.binary',
    detail: 'must be off: the driver damages bytes that it receives in binary form.',
  })
}

/** Bytes in either form that a server may be set to write (PostgreSQL documentation, 8.4): hex, or escapes. */
function parseBytes(value: string): Buffer {
  if (value.startsWith('\\x')) return Buffer.from(value.slice(2), 'hex')
  const raw = value.replaceAll(/\\(\\|[0-7]{3})/g, (_, escaped: string) =>
    escaped === '\\' ? escaped : String.fromCharCode(Number.parseInt(escaped, 8)),
  )
  return Buffer.from(raw, 'latin1')
}
