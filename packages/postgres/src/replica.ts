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

/** The same read on either server. */
export interface Reads<T> {
  anywhere(): Promise<T>
  primary(): Promise<T>
}

/** Reads that give nothing older than this process has seen. */
export interface FreshestReads {
  one<T extends StoredSecret | undefined>(ref: SecretRef, reads: Reads<T>): Promise<T>
  many(reads: Reads<readonly StoredSecret[]>): Promise<readonly StoredSecret[]>
}

/** Without a replica there is nothing older. */
export const primaryReads: FreshestReads = Object.freeze({
  one: (_ref, { primary }) => primary(),
  many: ({ primary }) => primary(),
} satisfies FreshestReads)

/**
 * Reads anywhere, and again on the primary server when an answer is older than one that this process has seen: what
 * other processes wrote may have been read there before.
 */
export function freshestReads(): FreshestReads {
  const seen = new Map<string, Pick<StoredSecret, 'id' | 'revision'>>()
  const keyOf = ({ owner, server, name }: SecretRef): string => `${server}\n${owner}\n${name}`

  const isOlder = (ref: SecretRef, found: StoredSecret | undefined): boolean => {
    const before = seen.get(keyOf(ref))
    if (before === undefined) return false
    return found?.id === before.id ? found.revision < before.revision : true
  }

  const remember = (ref: SecretRef, found: StoredSecret | undefined): void => {
    const key = keyOf(ref)
    seen.delete(key)
    if (found !== undefined) seen.set(key, { id: found.id, revision: found.revision })
    const [oldest] = seen.keys()
    if (seen.size > mostRemembered && oldest !== undefined) seen.delete(oldest)
  }

  return {
    async one(ref, { anywhere, primary }) {
      const first = await anywhere()
      const found = isOlder(ref, first) ? await primary() : first
      remember(ref, found)
      return found
    },
    async many({ anywhere, primary }) {
      const first = await anywhere()
      const found = first.some((record) => isOlder(record.ref, record)) ? await primary() : first
      for (const record of found) remember(record.ref, record)
      return found
    },
  }
}
