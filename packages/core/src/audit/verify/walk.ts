// Walks over the trail page by page, so that memory stays flat however long it is.
import {
  type AuditPlace,
  type AuditRow,
  type AuditStore,
  auditPagesOf,
  type CallOptions,
  type Checkpoint,
  pagesOf,
} from '../../contracts/index.ts'

/** What verification reads of a store. */
export type ReadableTrail = Pick<AuditStore, 'readAll' | 'checkpoints' | 'lists'>

/** Where to walk. */
export interface Walk {
  readonly store: ReadableTrail
  readonly pageRows: number
  readonly signal?: AbortSignal | undefined
}

/** Every row, each stream's together. */
export function rowPages({ store, pageRows, signal }: Walk): AsyncGenerator<readonly AuditRow[]> {
  return auditPagesOf(store, { limit: pageRows, signal })
}

/** Every checkpoint, oldest first. One without a valid time ends the walk, since nothing can be asked for after it. */
export async function* allCheckpoints(walk: Walk): AsyncGenerator<Checkpoint> {
  const { store, pageRows: limit, signal } = walk
  const next = (last: Checkpoint | undefined) => {
    if (last !== undefined && Number.isNaN(last.createdAt.getTime())) return []
    return store.checkpoints({ limit, ...callOptions(walk), ...(last && { after: last }) })
  }
  for await (const page of pagesOf(next, { limit, signal })) yield* page
}

/** Every entry of the store's own lists that stands for no row. */
export async function* strayEntries(walk: Walk): AsyncGenerator<AuditPlace> {
  const { lists } = walk.store
  let after: string | undefined
  do {
    const part = await lists?.strays({ after, ...callOptions(walk) })
    yield* part?.strays ?? []
    after = part?.next
  } while (after !== undefined)
}

export function callOptions({ signal }: Walk): CallOptions {
  signal?.throwIfAborted()
  return signal === undefined ? {} : { signal }
}
