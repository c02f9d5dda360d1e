// The messages by which processes tell each other of changes.
import { randomBytes } from 'node:crypto'
import type { DataKeyScope, StoreChange } from '@mcpvault/core'

/** Formats what this process changed, and parses what others did. */
export interface ChangeMessages {
  format(change: StoreChange): string
  /** Undefined for a change of this process, and for what is no message: anybody may notify on any channel. */
  parse(message: string): StoreChange | undefined
}

/** Changes of this process are known by a name that it gives itself. */
export function changeMessages(): ChangeMessages {
  const self = randomBytes(6).toString('base64url')
  return {
    // Two names of 256 bytes at most stay far below the 8,000 bytes that a notification may have.
    format: (change) => JSON.stringify([self, change]),
    parse(message) {
      const [origin, change] = parseJson(message)
      return typeof origin === 'string' && origin !== self ? changeOf(change) : undefined
    },
  }
}

function parseJson(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function changeOf(value: unknown): StoreChange | undefined {
  if (!isObject(value)) return undefined
  if (value['kind'] === 'everything') return { kind: 'everything' }
  const scope = value['scope']
  return value['kind'] === 'dataKey' && isDataKeyScope(scope) ? { kind: 'dataKey', scope } : undefined
}

function isDataKeyScope(value: unknown): value is DataKeyScope {
  if (!isObject(value)) return false
  const { kind, owner, server } = value
  return (kind === 'values' || kind === 'audit') && typeof owner === 'string' && typeof server === 'string'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
