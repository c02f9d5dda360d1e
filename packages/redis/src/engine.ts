// How commands and scripts reach the server: once the keys were found to be of this release, under the caller's signal.
import { randomBytes } from 'node:crypto'
import { type CallOptions, VaultError } from '@mcpvault/core'
import { guardCalls, type Inspection } from '@mcpvault/core/adapter'
import type { RedisArgument, RedisClient } from './client.ts'
import { isScriptMissing, storeError } from './errors.ts'
import type { Keys } from './keys.ts'
import { type SendCommand, senderOf } from './replies.ts'
import type { Script } from './scripts.ts'

export { bytesOf, listOf, textOf } from './replies.ts'

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
  readonly command: SendCommand
  run(run: ScriptRun): Promise<unknown>
  /** A server of best effort may evict anything, and what is gone can be set again. */
  readonly durability: 'strict' | 'best-effort'
  /** Waits until it is known of what was not found that it was not evicted, as far as the server's counters tell. */
  confirmAbsence(): Promise<void>
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
  readonly durability: 'strict' | 'best-effort'
  readonly inspection: Inspection
}

/** Runs work under the caller's signal, and translates what it throws. */
export const guarded = guardCalls(storeError)

/** The version of the layout of keys and fields. */
export const layout = '1'

export function redisEngine({ client, keys, durability, inspection }: EngineOptions): Engine {
  const command = senderOf(client)

  const session: Session = {
    keys,
    transactions: client.isCluster !== true,
    command,
    async run({ script, keys: names, values = [] }) {
      const args = [names.length, ...names, ...values]
      try {
        return await command('EVALSHA', script.sha, ...args)
      } catch (error) {
        if (!isScriptMissing(error)) throw error
        return await command('EVAL', script.text, ...args)
      }
    },
    durability,
    confirmAbsence: async () => {
      if (durability === 'strict') await inspection.beforeAbsence()
    },
    token: () => randomBytes(9).toString('base64url'),
  }

  return {
    transactions: session.transactions,
    call: (options, work) =>
      guarded(options, async () => {
        await inspection.beforeUse()
        return await work(session)
      }),
  }
}

/** Throws `VAULT_STORE_NOT_READY` for the keys of another release. */
export function requireLayout(stored: string | undefined): void {
  if (stored === layout) return
  throw new VaultError('VAULT_STORE_NOT_READY', { detail: 'Another release made these keys. Update the package.' })
}
