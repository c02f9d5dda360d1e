// Writes to the keys themselves, as somebody who can write the database does.
import type { Tampering } from '@mcpvault/testkit/suites'
import type { RedisStoreOptions } from '../../src/index.ts'
import { keysOf } from '../../src/keys.ts'

export function tamperWith(client: RedisStoreOptions['client'], prefix: string): Tampering {
  const keys = keysOf(prefix)
  return {
    async recordBytes(ref, change) {
      const bytes = await client.callBuffer('HGET', keys.secrets(ref), `r${ref.name}`)
      if (!Buffer.isBuffer(bytes)) throw new Error('The record is not there.')
      await client.callBuffer('HSET', keys.secrets(ref), `r${ref.name}`, Buffer.from(change(bytes)))
    },
    async addTag(ref, tag) {
      const member = await client.callBuffer('HGET', keys.secrets(ref), `m${ref.name}`)
      if (!Buffer.isBuffer(member)) throw new Error('The record is not there.')
      await client.callBuffer('ZADD', keys.list(`tag\u0001${tag}`), 0, member)
    },
    async revision(ref) {
      await client.callBuffer('HSET', keys.secrets(ref), `v${ref.name}`, 'none')
    },
    async wraps(scope) {
      const hash = keys.dataKeys({ kind: 'values', ...scope })
      const fields = await client.callBuffer('HKEYS', hash)
      for (const field of Array.isArray(fields) ? fields.map(String) : []) {
        if (field.startsWith('r')) await client.callBuffer('HSET', hash, field, 'none')
      }
    },
  }
}
