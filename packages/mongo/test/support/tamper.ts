// Writes to the documents themselves, as somebody who can write the database does.
import type { Tampering } from '@mcpvault/testkit/suites'
import type { MongoClient } from 'mongodb'

export function tamperWith(client: MongoClient, prefix: string): Tampering {
  const database = client.db('vaults')
  const secrets = database.collection(`${prefix}secrets`)
  return {
    async recordBytes({ owner, server, name }, change) {
      const found = await secrets.findOne({ owner, server, name })
      const record = Buffer.from(change(found?.['record'].buffer))
      await secrets.updateOne({ owner, server, name }, { $set: { record } })
    },
    async addTag({ owner, server, name }, tag) {
      await secrets.updateOne({ owner, server, name }, { $addToSet: { tags: tag } })
    },
    async revision({ owner, server, name }) {
      await secrets.updateOne({ owner, server, name }, { $set: { revision: '7' } })
    },
    async wraps({ owner, server }) {
      const keys = database.collection(`${prefix}data_keys`)
      await keys.updateMany({ kind: 'values', owner, server }, { $set: { wraps: 'none' } })
    },
  }
}
