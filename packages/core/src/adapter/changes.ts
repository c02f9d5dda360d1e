// The messages by which the processes on one store notify each other of changes.
import { randomBytes } from 'node:crypto'
import type { DataKeyScope, StoreChange } from '../contracts/index.ts'

/** The messages of one process. */
export interface ChangeMessages {
  /** A message for the other processes: one line of text, at most 2,000 bytes for names as vaults have them. */
  encode(change: StoreChange): string
  /** The change that another process made. Undefined for a message of this process, and for any other text. */
  decode(message: string): StoreChange | undefined
}

/**
 * Makes the messages of this process, which carry a random name of it, so that it ignores its own. What comes back may
 * be anybody's text: on most engines every client may publish on any channel.
 *
 * @example
 * const messages = changeMessages()
 * subscriber.on('message', (_channel, text) => {
 *   const change = messages.decode(text)
 *   if (change !== undefined) listener(change)
 * })
 * await client.publish('changes', messages.encode({ kind: 'dataKey', scope }))
 */
export function changeMessages(): ChangeMessages {
  const sender = randomBytes(6).toString('base64url')
  return {
    encode: (change) => JSON.stringify([sender, change]),
    decode(message) {
      const [from, change] = parse(message)
      return typeof from !== 'string' || from === sender ? undefined : changeOf(change)
    },
  }
}

function parse(message: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(message)
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}

function changeOf(value: unknown): StoreChange | undefined {
  if (!isObject(value)) return undefined
  if (value['kind'] === 'everything') return { kind: 'everything' }
  const scope = value['kind'] === 'dataKey' ? scopeOf(value['scope']) : undefined
  return scope && { kind: 'dataKey', scope }
}

function scopeOf(value: unknown): DataKeyScope | undefined {
  if (!isObject(value)) return undefined
  const { kind, owner, server } = value
  if (kind !== 'values' && kind !== 'audit') return undefined
  return typeof owner === 'string' && typeof server === 'string' ? { kind, owner, server } : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
