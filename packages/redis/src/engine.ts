// How commands and scripts reach the server: after the store was found ready, under the caller's signal.
import { randomBytes } from 'node:crypto'
import { type CallOptions, type StoreChange, VaultError } from '@mcpvault/core'
import { guardCalls } from '@mcpvault/core/adapter'
import type { RedisArgument, RedisClient } from './client.ts'
import { isScriptMissing, storeError } from './errors.ts'
import type { Keys } from './keys.ts'
import type { Script } from './scripts.ts'

export interface ScriptRun {
  readonly script: Script
  readonly keys: readonly string[]
  readonly values?: readonly RedisArgument[]
}

/** What one call may do. */
export interface Session {
  command(name: string, ...args: readonly RedisArgument[]): Promise<unknown>
  run(run: ScriptRun): Promise<unknown>
}

export interface Engine {
  readonly keys: Keys
  /** False in a cluster, where a script reaches one slot. */
  readonly transactions: boolean
  /** Rejects with the signal's reason as soon as it is aborted; what was sent may still happen. */
  call<T>(options: CallOptions | undefined, work: (session: Session) => Promise<T>): Promise<T>
  /** What a write tells the others; empty when nobody is told. */
  payloadOf(change: StoreChange): string
  /** A name for one write, by which the server knows it again. */
  token(): string
  /** This process among those that tell of changes. */
  readonly origin: string
}

export interface EngineOptions {
  readonly client: RedisClient
  readonly keys: Keys
  readonly tells: boolean
  /** Throws what `client` has against being the store. */
  inspect(session: Session): Promise<void>
}

/** Runs work under the caller's signal, and translates what it throws. */
export const guarded = guardCalls(storeError)

/** The version of the layout of keys and fields. */
export const layout = '1'

export function redisEngine({ client, keys, tells, inspect }: EngineOptions): Engine {
  const origin = randomBytes(6).toString('base64url')
  let isReady = false

  const session: Session = {
    command: (name, ...args) => client.callBuffer(name, ...args),
    async run({ script, keys: names, values = [] }) {
      const args = [names.length, ...names, ...values]
      try {
        return await client.callBuffer('EVALSHA', script.sha, ...args)
      } catch (error) {
        if (!isScriptMissing(error)) throw error
        return await client.callBuffer('EVAL', script.text, ...args)
      }
    },
  }

  async function ready(): Promise<void> {
    if (isReady) return
    const stored = textOf(await session.command('GET', keys.schema))
    if (stored !== layout) {
      const detail = stored === undefined ? undefined : 'Another release made these keys. Update the package.'
      throw new VaultError('VAULT_STORE_NOT_READY', detail === undefined ? {} : { detail })
    }
    await inspect(session)
    isReady = true
  }

  return {
    keys,
    transactions: client.isCluster !== true,
    call: (options, work) =>
      guarded(options, async () => {
        await ready()
        return await work(session)
      }),
    payloadOf: (change) => (tells ? JSON.stringify([origin, change]) : ''),
    token: () => randomBytes(9).toString('base64url'),
    origin,
  }
}

/** A reply of bytes as text; undefined for none. */
export function textOf(reply: unknown): string | undefined {
  return Buffer.isBuffer(reply) ? reply.toString('utf8') : undefined
}

/** A reply of several; a single one of another kind counts as none. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}

export function bytesOf(reply: unknown): Buffer | undefined {
  return Buffer.isBuffer(reply) ? reply : undefined
}
