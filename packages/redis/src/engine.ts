// How commands and scripts reach the server: once the keys were found to be of this release, under the caller's signal.
import { randomBytes } from 'node:crypto'
import { type CallOptions, VaultError } from '@mcpvault/core'
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

/** What one call works with. */
export interface Session {
  readonly keys: Keys
  /** False in a cluster, where a script reaches one slot. */
  readonly transactions: boolean
  command(name: string, ...args: readonly RedisArgument[]): Promise<unknown>
  run(run: ScriptRun): Promise<unknown>
  /** A random name for one write, by which the server recognises it when it is sent again. */
  token(): string
}

export interface Engine {
  readonly transactions: boolean
  /** Rejects with the signal's reason as soon as it is aborted; what was sent may still happen. */
  call<T>(options: CallOptions | undefined, work: (session: Session) => Promise<T>): Promise<T>
}

export interface EngineOptions {
  readonly client: RedisClient
  readonly keys: Keys
  /** Rejects with the reason why `client` cannot be used for the store. */
  inspect(): Promise<void>
}

/** Runs work under the caller's signal, and translates what it throws. */
export const guarded = guardCalls(storeError)

/** The version of the layout of keys and fields. */
export const layout = '1'

export function redisEngine({ client, keys, inspect }: EngineOptions): Engine {
  let isReady = false

  const session: Session = {
    keys,
    transactions: client.isCluster !== true,
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
    token: () => randomBytes(9).toString('base64url'),
  }

  async function ready(): Promise<void> {
    if (isReady) return
    const stored = textOf(await session.command('GET', keys.schema))
    if (stored === undefined) throw new VaultError('VAULT_STORE_NOT_READY')
    requireLayout(stored)
    await inspect()
    isReady = true
  }

  return {
    transactions: session.transactions,
    call: (options, work) =>
      guarded(options, async () => {
        await ready()
        return await work(session)
      }),
  }
}

/** Throws `VAULT_STORE_NOT_READY` for the keys of another release. */
export function requireLayout(stored: string | undefined): void {
  if (stored === layout) return
  throw new VaultError('VAULT_STORE_NOT_READY', { detail: 'Another release made these keys. Update the package.' })
}

/** A reply of bytes as text; undefined for none. */
export function textOf(reply: unknown): string | undefined {
  return bytesOf(reply)?.toString('utf8')
}

/** A reply of several; a single one of another kind counts as none. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}

export function bytesOf(reply: unknown): Buffer | undefined {
  return Buffer.isBuffer(reply) ? reply : undefined
}
