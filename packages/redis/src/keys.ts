// The names of keys, and the members of lists, which Redis orders by their bytes.
import type { DataKeyScope, Scope } from '@mcpvault/core'

export type Keys = ReturnType<typeof keysOf>

/**
 * Every part that comes from outside is encoded, so that none of its signs means anything to Redis.
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
    /** The result of one write, kept for a while: a client that lost its connection sends the same write again. */
    outcome: (scope: Scope, token: string) => `${prefix}:outcome:{${scopeTag(scope)}}:${token}`,
    dataKeys: (scope: DataKeyScope) => `${prefix}:data-keys:{${scopeTag(scope)}}:${scope.kind}`,
    /** A list that crosses scopes. */
    list: (name: string) => `${prefix}:list:{${prefix}.lists}:${encoded(name)}`,
    /** The rows of one stream, by sequence. */
    stream: (stream: string) => `${prefix}:stream:{${prefix}.audit}:${encoded(stream)}`,
    auditList: (name: string) => `${prefix}:audit:{${prefix}.audit}:${encoded(name)}`,
    /** The ids of all streams, in order. */
    streams: `${prefix}:streams:{${prefix}.audit}`,
    /** The time of the first row of each stream, and its last sequence. */
    streamInfo: `${prefix}:stream-info:{${prefix}.audit}`,
    /** The ids of all streams by the time of their latest row. */
    streamTimes: `${prefix}:stream-times:{${prefix}.audit}`,
    checkpoints: `${prefix}:checkpoints:{${prefix}.audit}`,
  })
}

/** Distinct texts stay distinct: their bytes are spelled with letters, digits, `-` and `_` alone. */
function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

/** Parts hold no control characters, so a line break separates them, and comes before everything that they hold. */
export function memberOf(...parts: readonly string[]): string {
  return parts.join('\n')
}

/** The place after every member that begins with these parts. */
export function afterMembers(...parts: readonly string[]): string {
  // The character after the line break.
  return `${memberOf(...parts)}\u000b`
}

export function partsOf(member: Buffer): readonly string[] {
  return member.toString('utf8').split('\n')
}

// The earliest time that a Date can hold; added, it leaves no time negative.
const earliestMs = 8_640_000_000_000_000n

/** A time as text of one length, ordered as the time is. */
export function sortableTime(at: Date): string {
  return (BigInt(at.getTime()) + earliestMs).toString(16).padStart(14, '0')
}

/** What `sortableTime` made, as a time; an invalid one for any other text. */
export function dateOf(time: string): Date {
  return new Date(/^[0-9a-f]{14}$/.test(time) ? Number(BigInt(`0x${time}`) - earliestMs) : Number.NaN)
}

/** A sequence as text of one length, ordered as the number is. */
export function sortableNumber(value: number): string {
  return value.toString(16).padStart(14, '0')
}
