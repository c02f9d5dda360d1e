// Attacks on the trail in MongoDB, by someone who may write every collection.
import { describeWith, startMongo } from '@mcpvault/testkit'
import { type Attack, type AttackedTrail, at, trailSuite } from '@mcpvault/testkit/suites'
import type { Collection, Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import { documentOf } from '../src/audit-documents.ts'
import { clientOn, freshStore } from './support/stores.ts'

describeWith(
  'a MongoDB replica set',
  () => startMongo(),
  (server) => {
    let client: MongoClient
    beforeAll(async () => {
      client = await clientOn(server())
    })
    afterAll(() => client.close())
    let audit: Collection<Document>

    /** Adds a copy of the third event with other fields. */
    const copy = async ({ rows }: AttackedTrail, fields: Document): Promise<void> => {
      await audit.insertOne({ ...documentOf(rows[2]), ...fields })
    }
    const inNoPlace = () => ({ problem: 'mac', stream: '' }) as const
    const own: readonly Attack<AttackedTrail>[] = [
      ['adds an event with its sequence as text', (trail) => copy(trail, { sequence: '2' }), at('order', 0)],
      ['adds an event with a list as its sequence', (trail) => copy(trail, { sequence: [99] }), at('order', 0)],
      [
        'adds an event with a sequence that is no number',
        (trail) => copy(trail, { sequence: Number.NaN }),
        at('order', 0),
      ],
      ['adds an event without a sequence', (trail) => copy(trail, { sequence: null }), at('order', 0)],
      ['adds an event between two others', (trail) => copy(trail, { sequence: 1.5 }), at('order', 2)],
      [
        'adds an event with a list as its stream',
        (trail) => copy(trail, { stream: [trail.rows[0].stream], sequence: 99 }),
        inNoPlace,
      ],
      ['adds an event without a stream', (trail) => copy(trail, { stream: null }), inNoPlace],
      [
        'makes a sequence a text',
        async ({ rows: [row] }) => {
          await audit.updateOne({ stream: row.stream, sequence: 2 }, { $set: { sequence: '2' } })
        },
        at('order', 0),
      ],
      [
        'makes a time a text, so that no query finds the event',
        async ({ rows: [row] }) => {
          await audit.updateOne({ stream: row.stream, sequence: 2 }, { $set: { at: 'now' } })
        },
        at('columns', 2),
      ],
      [
        'makes a body a text',
        async ({ rows: [row] }) => {
          await audit.updateOne({ stream: row.stream, sequence: 2 }, { $set: { body: 'body' } })
        },
        at('mac', 2),
      ],
      [
        'adds a second row in one place, once two rows can be there',
        async (trail) => {
          await audit.dropIndex('place')
          await copy(trail, {})
        },
        at('order', 3),
      ],
    ]
    trailSuite({
      name: 'MongoDB',
      setting: {
        own,
        async open() {
          const { store, prefix, drop } = await freshStore(client)
          const database = client.db('vaults')
          audit = database.collection(`${prefix}audit`)
          return {
            store,
            raw: {
              async put(row) {
                const { stream, sequence } = row
                await audit.replaceOne({ stream, sequence }, documentOf(row), { upsert: true })
              },
              async remove({ stream, sequence }) {
                await audit.deleteOne({ stream, sequence })
              },
              forgetStreams: async () => void (await database.collection(`${prefix}streams`).deleteMany({})),
              forgetCheckpoints: async () => void (await database.collection(`${prefix}checkpoints`).deleteMany({})),
            },
            cleanup: drop,
          }
        },
      },
    })
  },
)
