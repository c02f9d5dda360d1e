// What other processes change: by a change stream where the deployment has them, else by notes that are looked for.
import { randomBytes } from 'node:crypto'
import type { CallOptions, Clock, DataKeyScope, StoreChange } from '@mcpvault/core'
import { heartbeat } from '@mcpvault/core/adapter'
import type { Fields, MongoChanges, MongoDatabase } from './client.ts'
import { type Collections, collectionNames } from './collections.ts'
import { type Engine, fieldsOf } from './engine.ts'

export interface Changes {
  /** Leaves a note of a change, where notes are how the others hear of it. */
  tell(change: StoreChange, options: CallOptions | undefined): Promise<void>
  watch(listener: (change: StoreChange) => void): () => void
}

export interface ChangesOptions {
  readonly engine: Engine
  readonly database: MongoDatabase
  readonly prefix: string
  readonly clock: Clock
  /** How long between two looks, in milliseconds. */
  readonly pollMs: number
  /** Whether the deployment has change streams. */
  readonly streams: boolean
}

/** For a store that nobody watches. */
export const silence: Pick<Changes, 'tell'> = Object.freeze({ tell: async () => undefined })

const mostBetweenMs = 200
const mostAtOnce = 1_000

export function changesOf(options: ChangesOptions): Changes {
  return options.streams ? streamed(options) : noted(options)
}

function streamed({ database, prefix, clock, pollMs }: ChangesOptions): Changes {
  const names = collectionNames(prefix)
  const pipeline = [{ $match: { 'ns.coll': names.dataKeys } }]
  const everyMs = Math.min(pollMs, mostBetweenMs)
  return {
    tell: silence.tell,
    watch(listener) {
      let stream: MongoChanges | undefined

      async function look(signal: AbortSignal): Promise<void> {
        const untilMs = clock.monotonicMs() + everyMs
        let isNew = stream === undefined
        stream ??= database.watch(pipeline, { batchSize: mostAtOnce, maxAwaitTimeMS: 100 })
        const looked = stream
        // While others write without a pause, there is always one more.
        do {
          const event = fieldsOf(await looked.tryNext())
          signal.throwIfAborted()
          // What happened before the first answer of a stream is not told by it.
          if (isNew) listener({ kind: 'everything' })
          isNew = false
          if (event === undefined) return
          const change = changeIn(event)
          if (change !== undefined) listener(change)
        } while (clock.monotonicMs() < untilMs)
      }

      function close(): void {
        // A server that is silent does not answer this either.
        stream?.close().catch(() => undefined)
        stream = undefined
      }

      const end = heartbeat({
        clock,
        everyMs,
        ask: look,
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

/** A document's own key says whose data key it is, also when it is gone. A new data key is no change. */
function changeIn({ operationType, documentKey }: Fields): StoreChange | undefined {
  if (typeof operationType !== 'string' || operationType === 'insert') return undefined
  if (['invalidate', 'drop', 'rename', 'dropDatabase'].includes(operationType)) return { kind: 'everything' }
  const [kind, owner = '', server = ''] = String(fieldsOf(documentKey)?.['_id']).split('\n')
  return { kind: 'dataKey', scope: scopeOf({ kind, owner, server }) }
}

function scopeOf({
  kind,
  owner,
  server,
}: {
  readonly kind: unknown
  readonly owner: string
  readonly server: string
}): DataKeyScope {
  return { kind: kind === 'audit' ? 'audit' : 'values', owner, server }
}

/** Notes are numbered, so that one that is missing shows. */
function noted({ engine, clock, pollMs }: ChangesOptions): Changes {
  const origin = randomBytes(6).toString('base64url')
  const { meta, changes } = engine.at
  const counter = { _id: 'changes' }

  return {
    async tell(change, options) {
      // The change itself has happened; whoever misses its note goes by the age of what it keeps.
      await engine
        .call(options, async () => {
          const number = await nextNumber({ meta })
          await changes.insertOne({ _id: number, at: clock.now(), origin, change })
        })
        .catch(() => undefined)
    },
    watch(listener) {
      let last: number | undefined

      async function look(signal: AbortSignal): Promise<void> {
        if (last === undefined) {
          const counted = fieldsOf(await meta.findOne(counter))
          signal.throwIfAborted()
          last = Number(counted?.['number'] ?? 0)
          // Of the notes before this one, none is looked for.
          return listener({ kind: 'everything' })
        }
        const page = { sort: { _id: 1 }, limit: mostAtOnce }
        const notes = await changes.find({ _id: { $gt: last } }, page).toArray()
        for (const each of notes) {
          signal.throwIfAborted()
          const { _id, origin: from, change } = fieldsOf(each) ?? {}
          const number = Number(_id)
          if (number !== last + 1) listener({ kind: 'everything' })
          last = number
          // A note is the change as `tell` was given it.
          if (from !== origin) listener(change as StoreChange)
        }
        if (notes.length === mostAtOnce) await look(signal)
      }

      return heartbeat({ clock, everyMs: pollMs, ask: look, onSilence: () => listener({ kind: 'everything' }) })
    },
  }
}

async function nextNumber({ meta }: Pick<Collections, 'meta'>): Promise<number> {
  const options = { upsert: true, returnDocument: 'after' }
  return Number(fieldsOf(await meta.findOneAndUpdate({ _id: 'changes' }, { $inc: { number: 1 } }, options))?.['number'])
}
