// Reads on a replica that never go back behind what this process wrote or saw.
import type { CallOptions, SecretRef, StoredSecret } from '@mcpvault/core'
import { type PostgresPool, withConnection } from './client.ts'
import type { Statements } from './statements.ts'

export interface ReplicaReads {
  /** The replica's pool when it has replayed all that this process wrote; else undefined. */
  choose(options: CallOptions | undefined): Promise<PostgresPool | undefined>
  /** Something was written, or may have been, or another process was seen to have written. */
  wrote(): void
}

export interface ReplicaOptions {
  readonly primary: PostgresPool
  readonly replica: PostgresPool
  readonly sql: Statements
}

/** The replica's pool must lead to one server: each replica is behind by an amount of its own. */
export function replicaReads({ primary, replica, sql }: ReplicaOptions): ReplicaReads {
  let writes = 0
  let known = -1
  let position: { readonly writes: number; readonly lsn: string } | undefined

  return {
    wrote() {
      writes += 1
    },
    async choose(options) {
      const wanted = writes
      if (known >= wanted) return replica
      if (position === undefined || position.writes < wanted) {
        const lsn = await firstColumn(primary, { options, statement: sql.walPosition, values: [] })
        position = { writes: wanted, lsn: String(lsn) }
      }
      // By a statement of its own: the snapshot of the read that follows is taken after this answer.
      const replayed = await firstColumn(replica, { options, statement: sql.hasReplayed, values: [position.lsn] })
      if (replayed !== true) return undefined
      known = Math.max(known, wanted)
      return replica
    },
  }
}

interface Question {
  readonly options: CallOptions | undefined
  readonly statement: Statements['walPosition']
  readonly values: readonly unknown[]
}

function firstColumn(pool: PostgresPool, { options, statement, values }: Question): Promise<unknown> {
  return withConnection(pool, options, async (connection) => {
    const [row] = await connection.rows<[unknown]>(statement, values)
    return row?.[0]
  })
}

const mostRemembered = 10_000

/**
 * Reads one secret anywhere, and again on the primary server when the answer is older than one that this process has
 * seen of it: what other processes wrote may have been read there before.
 */
export function freshestReads() {
  const seen = new Map<string, { readonly id: string; readonly revision: number }>()
  return async <T extends StoredSecret | undefined>(
    { owner, server, name }: SecretRef,
    reads: { readonly anywhere: () => Promise<T>; readonly primary: () => Promise<T> },
  ): Promise<T> => {
    const key = `${server}\n${owner}\n${name}`
    const before = seen.get(key)
    let found = await reads.anywhere()
    const isOlder = found === undefined || (found.id === before?.id ? found.revision < before.revision : true)
    if (before !== undefined && isOlder) found = await reads.primary()
    seen.delete(key)
    if (found !== undefined) seen.set(key, { id: found.id, revision: found.revision })
    const [oldest] = seen.keys()
    if (seen.size > mostRemembered && oldest !== undefined) seen.delete(oldest)
    return found
  }
}
