// Writes to the tables themselves, as somebody who can write the database does.
import type { Tampering } from '@mcpvault/testkit/suites'
import type pg from 'pg'

export function tamperWith(pool: pg.Pool, schema: string): Tampering {
  const byRef = 'owner = $1 AND server = $2 AND name = $3'
  const query = (text: string, values: readonly unknown[]) =>
    pool.query(text.replaceAll('mcpvault_', `"${schema}".mcpvault_`), [...values])
  return {
    async recordBytes({ owner, server, name }, change) {
      const named = [owner, server, name]
      const { rows } = await query(`SELECT record FROM mcpvault_secrets WHERE ${byRef}`, named)
      const bytes = Buffer.from(change(rows[0].record))
      await query(`UPDATE mcpvault_secrets SET record = $4 WHERE ${byRef}`, [...named, bytes])
    },
    async addTag({ owner, server, name }, tag) {
      const insert = `INSERT INTO mcpvault_tags (secret, owner, tag, created_at, id)
        SELECT key, owner, $4, created_at, id FROM mcpvault_secrets WHERE ${byRef}`
      await query(insert, [owner, server, name, tag])
    },
    async wraps({ owner, server }) {
      const where = "kind = 'values' AND owner = $1 AND server = $2"
      await query(`UPDATE mcpvault_data_keys SET wraps = '\\x0102' WHERE ${where}`, [owner, server])
    },
  }
}
