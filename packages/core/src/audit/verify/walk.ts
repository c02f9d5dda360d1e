// Walks over the trail page by page, so that memory stays flat however long it is.
import {
  type AuditRow,
  type AuditStore,
  type AuditStreamInfo,
  type CallOptions,
  type Checkpoint,
  pagesOf,
} from '../../contracts/index.ts'

/** Where to walk. */
export interface Walk {
  readonly store: AuditStore
  readonly pageRows: number
  readonly signal?: AbortSignal | undefined
}

/** Every stream, by id. */
export async function* allStreams(walk: Walk): AsyncGenerator<AuditStreamInfo> {
  const next = (last: AuditStreamInfo | undefined) =>
    walk.store.streams({ ...callOptions(walk), ...(last && { after: last.stream }) })
  for await (const page of pagesOf(next, { limit: walk.pageRows })) yield* page
}

/** The rows of one stream in pages; the walk ends when the pages do not move on. */
export async function* streamPages(walk: Walk, stream: string): AsyncGenerator<readonly AuditRow[]> {
  let afterSequence = -1
  for (;;) {
    const page = await walk.store.readStream(stream, { ...callOptions(walk), afterSequence })
    yield page
    const last = page.at(-1)
    if (last === undefined || page.length < walk.pageRows || last.sequence <= afterSequence) return
    afterSequence = last.sequence
    // Pages of a store that answers at once would otherwise keep the process from everything else.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Every checkpoint, oldest first. */
export async function* allCheckpoints(walk: Walk): AsyncGenerator<Checkpoint> {
  const next = (last: Checkpoint | undefined) =>
    walk.store.checkpoints({ ...callOptions(walk), ...(last && { after: last }) })
  for await (const page of pagesOf(next, { limit: walk.pageRows })) yield* page
}

function callOptions({ pageRows, signal }: Walk): CallOptions & { readonly limit: number } {
  signal?.throwIfAborted()
  return { limit: pageRows, ...(signal !== undefined && { signal }) }
}
