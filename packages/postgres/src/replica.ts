// Whether the replica has everything that this process wrote.
import type { CallOptions } from '@mcpvault/core'
import { type PostgresPool, withConnection } from './client.ts'
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
        if (typeof lsn !== 'string') return undefined
        position = { writes: wanted, lsn }
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
