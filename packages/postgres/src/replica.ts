// Reads on a replica that never go back behind what this process wrote or saw.
import type { CallOptions, SecretRef, StoredSecret } from '@mcpvault/core'
import { type PostgresPool, withConnection } from './client.ts'
import type { SecretReads } from './secret-reads.ts'
import type { Statements } from './statements.ts'

export interface ReplicaChoice {
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
export function replicaChoice({ primary, replica, sql }: ReplicaOptions): ReplicaChoice {
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

const maxRemembered = 10_000

/**
 * Reads anywhere, and again on the primary server when an answer is older than one that this process has seen: what
 * other processes wrote may have been read there before.
 */
export function freshestReads({
  anywhere,
  primary,
}: Readonly<Record<'anywhere' | 'primary', SecretReads>>): SecretReads {
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
    if (seen.size > maxRemembered && oldest !== undefined) seen.delete(oldest)
  }

  const freshest = async (read: (reads: SecretReads) => Promise<readonly StoredSecret[]>) => {
    const first = await read(anywhere)
    const found = first.some((record) => isOlder(record.ref, record)) ? await read(primary) : first
    for (const record of found) remember(record.ref, record)
    return found
  }

  return {
    async find(ref, versions, options) {
      const first = await anywhere.find(ref, versions, options)
      const found = isOlder(ref, first) ? await primary.find(ref, versions, options) : first
      remember(ref, found)
      return found
    },
    findAll: (scope, options) => freshest((reads) => reads.findAll(scope, options)),
    list: (query, options) => freshest((reads) => reads.list(query, options)),
  }
}
