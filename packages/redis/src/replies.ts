// Commands and their replies: sent one by one, and read as what they are under every setting of the client.
import { VaultError } from '@mcpvault/core'
import type { RedisArgument, RedisNode } from './client.ts'

export type SendCommand = (command: string, ...args: readonly RedisArgument[]) => Promise<unknown>

/**
 * The function that sends the commands of the store. With `enableAutoPipelining`, ioredis loses the name of a command
 * that goes by `callBuffer`, so commands go by functions of their own where the client makes them.
 */
export function senderOf(client: RedisNode): SendCommand {
  const senders = new Map<string, SendCommand>()
  const senderFor = (command: string): SendCommand => {
    const builtin = client.createBuiltinCommand?.(command).buffer
    return builtin === undefined
      ? (name, ...args) => client.callBuffer(name, ...args)
      : (_, ...args) => builtin.call(client, ...args)
  }
  return async (command, ...args) => {
    let send = senders.get(command)
    if (send === undefined) {
      send = senderFor(command)
      senders.set(command, send)
    }
    return numbersIn(await send(command, ...args))
  }
}

/** With `stringNumbers` numbers come as text, and nothing else does: texts come as bytes. */
function numbersIn(reply: unknown): unknown {
  if (typeof reply === 'string' && /^-?\d+$/.test(reply)) return Number(reply)
  return Array.isArray(reply) ? reply.map(numbersIn) : reply
}

/** A reply of bytes as text; undefined for none. */
export function textOf(reply: unknown): string | undefined {
  return typeof reply === 'number' ? String(reply) : bytesOf(reply)?.toString('utf8')
}

/** A reply of several; none counts as an empty one. */
export function listOf(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  if (reply === null || reply === undefined) return []
  throw misread()
}

/** Undefined for none. Bytes of another type must not be taken for none: what is stored would look absent. */
export function bytesOf(reply: unknown): Buffer | undefined {
  if (Buffer.isBuffer(reply)) return reply
  if (reply === null || reply === undefined) return undefined
  throw misread()
}

/** The error for a reply of another type than the command has. */
export function misread(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', {
    field: 'client',
    detail: 'must give replies as Redis sent them: texts as bytes, numbers as numbers, lists as arrays.',
    retryable: false,
  })
}
