// Names within statements: quoted identifiers, and the channel of a schema.
import { createHash } from 'node:crypto'

/** The one way an identifier gets into a statement. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The channel of notifications; each schema has its own. */
export function channelOf(schema: string): string {
  return `mcpvault:${digestOf(schema)}`
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 12)
}
