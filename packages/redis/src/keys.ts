// The names of keys. Every part that comes from outside is encoded, so that none of its signs means anything to Redis.
import type { DataKeyScope, Scope } from '@mcpvault/core'

export type Keys = ReturnType<typeof keysOf>

/**
 * The text in braces decides a key's slot in a cluster. A scope has a slot of its own; the lists that cross scopes share
 * one, and so does the audit trail, since its rows land together.
 */
export function keysOf(prefix: string) {
  const scopeTag = (scope: Scope): string => `${encoded(scope.owner)}.${encoded(scope.server)}`
  return Object.freeze({
    schema: `${prefix}:schema`,
    channel: `${prefix}:changes`,
    meta: (key: string) => `${prefix}:meta:{${encoded(key)}}`,
    lock: (name: string) => `${prefix}:lock:{${encoded(name)}}`,
    /** The secrets of a scope: one hash. */
    secrets: (scope: Scope) => `${prefix}:secrets:{${scopeTag(scope)}}`,
    /** The names of a scope that are not deleted, in the order of their bytes. */
    names: (scope: Scope) => `${prefix}:names:{${scopeTag(scope)}}`,
    /** What one write did, kept for a while: a client that lost its connection sends the same write again. */
    outcome: (scope: Scope, token: string) => `${prefix}:outcome:{${scopeTag(scope)}}:${token}`,
    dataKeys: (scope: DataKeyScope) => `${prefix}:data-keys:{${scopeTag(scope)}}:${scope.kind}`,
    /** A list that crosses scopes. */
    list: (name: string) => `${prefix}:list:{${prefix}.lists}:${encoded(name)}`,
    /** The rows of one stream, by sequence. */
    stream: (stream: string) => `${prefix}:stream:{${prefix}.audit}:${encoded(stream)}`,
    auditList: (name: string) => `${prefix}:audit:{${prefix}.audit}:${encoded(name)}`,
    streams: `${prefix}:streams:{${prefix}.audit}`,
    streamTimes: `${prefix}:stream-times:{${prefix}.audit}`,
    streamInfo: `${prefix}:stream-info:{${prefix}.audit}`,
    checkpoints: `${prefix}:checkpoints:{${prefix}.audit}`,
  })
}

/** Distinct texts stay distinct: their bytes are spelled with letters, digits, `-` and `_` alone. */
function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
