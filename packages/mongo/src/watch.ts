// Changes by other processes: from a change stream where the deployment has them, else from notes that are polled.
import type { CallOptions, Clock, DataKeyScope, StoreChange } from '@mcpvault/core'
import { callSafely, changeMessages, heartbeat } from '@mcpvault/core/adapter'
import type { Fields, MongoChanges, MongoDatabase } from './client.ts'
import { collectionNames } from './collections.ts'
import { type Engine, fieldsOf } from './engine.ts'

export interface Changes {
  /** Leaves a note for the other processes, where notes are how they are notified. */
  notify: NotifyOthers
  watch(listener: (change: StoreChange) => void): () => void
}

/** Called after the data key of a scope was replaced or removed. */
export type NotifyOthers = (scope: DataKeyScope, options: CallOptions | undefined) => Promise<void>

export interface ChangesOptions {
  readonly engine: Engine
  readonly database: MongoDatabase
  readonly prefix: string
  readonly clock: Clock
  /** How often notes are polled, in milliseconds. */
  readonly pollMs: number
}

/** For a store that nobody watches, and for one with change streams. */
export const notifyNobody: NotifyOthers = async () => undefined

/** How often a change stream is asked at least. */
const maxStreamPollMs = 200
const streamBatch = 1_000

/** For a deployment with change streams. */
export function streamedChanges({ database, prefix, clock, pollMs }: ChangesOptions): Changes {
  const pipeline = [{ $match: { 'ns.coll': collectionNames(prefix).dataKeys } }]
  const everyMs = Math.min(pollMs, maxStreamPollMs)
  return {
    notify: notifyNobody,
    watch(onChange) {
      const listener = (change: StoreChange): void => callSafely(() => onChange(change))
      let stream: MongoChanges | undefined

      async function readStream(signal: AbortSignal): Promise<void> {
        const untilMs = clock.monotonicMs() + everyMs
        let isNew = stream === undefined
        stream ??= database.watch(pipeline, { batchSize: streamBatch, maxAwaitTimeMS: 100 })
        const open = stream
        // While others write without a pause, there is always one more event.
        do {
          const event = fieldsOf(await open.tryNext())
          signal.throwIfAborted()
          // A stream does not have what happened before its first answer.
          if (isNew) listener({ kind: 'everything' })
          isNew = false
          if (event === undefined) return
          const change = changeIn(event)
          if (change !== undefined) listener(change)
        } while (clock.monotonicMs() < untilMs)
      }

      function close(): void {
        // A server that does not respond does not respond to this either.
        stream?.close().catch(() => undefined)
        stream = undefined
      }

      const end = heartbeat({
        clock,
        everyMs,
        ask: readStream,
        onSilence() {
          close()
          listener({ kind: 'everything' })
        },
      })
      return () => {
        end()
        close()
      }
    },
  }
}

/** The key of a document names its scope, also when it is removed. A new data key is no change. */
function changeIn({ operationType, documentKey }: Fields): StoreChange | undefined {
  if (typeof operationType !== 'string' || operationType === 'insert') return undefined
  if (['invalidate', 'drop', 'rename', 'dropDatabase'].includes(operationType)) return { kind: 'everything' }
  const [kind, owner = '', server = ''] = String(fieldsOf(documentKey)?.['_id']).split('\n')
  return { kind: 'dataKey', scope: { kind: kind === 'audit' ? 'audit' : 'values', owner, server } }
}

/** The document of `meta` with the latest notes, and the number of all notes so far. `migrate()` creates it. */
export const notesId = 'changes'
const maxNotes = 100

/** For a standalone server: each change adds a note to one document, and its number tells how many of them are new. */
export function notedChanges({ engine, clock, pollMs }: ChangesOptions): Changes {
  const { meta } = engine.at
  const messages = changeMessages()
  return {
    async notify(scope, options) {
      const note = messages.encode({ kind: 'dataKey', scope })
      const update = { $inc: { number: 1 }, $push: { notes: { $each: [note], $slice: -maxNotes } } }
      // The change itself has happened. A process that misses its note checks its data keys when they have some age.
      await engine.call(options, ({ meta: notes }) => notes.updateOne({ _id: notesId }, update)).catch(() => undefined)
    },
    watch(onChange) {
      const listener = (change: StoreChange): void => callSafely(() => onChange(change))
      let last: number | undefined

      async function readNotes(signal: AbortSignal): Promise<void> {
        const unread = last === undefined ? {} : { number: { $ne: last } }
        const found = fieldsOf(await meta.findOne({ _id: notesId, ...unread }, { signal }))
        signal.throwIfAborted()
        const before = last
        last = Number(found?.['number'] ?? before ?? 0)
        if (before === undefined) return listener({ kind: 'everything' })
        const notes = Array.isArray(found?.['notes']) ? found['notes'] : []
        const count = last - before
        // Notes are missing after too many changes at once, and when an older database was put back.
        if (count < 0 || count > notes.length) return listener({ kind: 'everything' })
        for (const note of notes.slice(notes.length - count)) {
          const change = messages.decode(String(note))
          if (change !== undefined) listener(change)
        }
      }

      return heartbeat({ clock, everyMs: pollMs, ask: readNotes, onSilence: () => listener({ kind: 'everything' }) })
    },
  }
}
