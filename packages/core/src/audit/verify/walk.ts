// Walks over the trail page by page, so that memory stays flat however long it is.
import type { AuditRow, AuditStore, AuditStreamInfo, CallOptions, Checkpoint } from '../../contracts/index.ts'

/** Where to walk. */
export interface Walk {
  readonly store: AuditStore
  readonly pageRows: number
  readonly signal?: AbortSignal | undefined
}

/** Every stream, by id. */
export async function* allStreams(walk: Walk): AsyncGenerator<AuditStreamInfo> {
  let after: string | undefined
  do {
    const page = await walk.store.streams({ ...callOptions(walk), ...(after !== undefined && { after }) })
    yield* page
    after = page.length < walk.pageRows ? undefined : page.at(-1)?.stream
  } while (after !== undefined)
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
  let after: Checkpoint | undefined
  do {
    const page = await walk.store.checkpoints({ ...callOptions(walk), ...(after !== undefined && { after }) })
    yield* page
    after = page.length < walk.pageRows ? undefined : page.at(-1)
  } while (after !== undefined)
}

function callOptions({ pageRows, signal }: Walk): CallOptions & { readonly limit: number } {
  signal?.throwIfAborted()
  return { limit: pageRows, ...(signal !== undefined && { signal }) }
}
