// Writes to the tables themselves, as somebody who can write the file does.
import type { Tampering } from '@mcpvault/testkit/suites'
import type { SqliteDriver } from '../../src/index.ts'
import { plainDatabase } from './databases.ts'

export function tamperWith(path: string, driver: SqliteDriver): Tampering {
  const byRef = 'owner = ? AND server = ? AND name = ?'
  const prepared = (sql: string) => plainDatabase(path, driver).prepare(sql)
  return {
    async recordBytes({ owner, server, name }, change) {
      const found = prepared(`SELECT record FROM mcpvault_secrets WHERE ${byRef}`).get(owner, server, name)
      // The shape of a row of this statement, in both drivers.
      const { record } = found as { readonly record: Uint8Array }
      const update = `UPDATE mcpvault_secrets SET record = ? WHERE ${byRef}`
      prepared(update).run(change(record), owner, server, name)
    },
    async addTag({ owner, server, name }, tag) {
      const insert = `INSERT INTO mcpvault_tags (secret, owner, tag, created_at, id)
        SELECT key, owner, ?, created_at, id FROM mcpvault_secrets WHERE ${byRef}`
      prepared(insert).run(tag, owner, server, name)
    },
    async wraps({ owner, server }) {
      const update = "UPDATE mcpvault_data_keys SET wraps = x'0102' WHERE kind = 'values' AND owner = ? AND server = ?"
      prepared(update).run(owner, server)
    },
  }
}
