// Streams are named by what was appended, whatever became of their rows since.
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { expect, test } from 'vitest'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('streams on Postgres', startPostgres, (server) => {
  test('a stream whose last row was removed is still named, so that its verification finds the gap', async () => {
    const pool = await freshPool(server())
    const { store, schema } = await freshStore(pool)
    const rowAt = (sequence: number) =>
      ({
        stream: 'a'.repeat(32),
        sequence,
        mac: new Uint8Array(32).fill(sequence),
        body: Buffer.from('{}'),
        columns: { at: new Date(sequence), action: 'audit.closed', outcome: 'allowed', principal: 'alice' },
      }) as const
    await store.audit.append([rowAt(0), rowAt(1)])
    await pool.query(`DELETE FROM "${schema}".mcpvault_audit WHERE sequence = 1`)
    const stream = { stream: rowAt(0).stream, firstAt: new Date(0), lastAt: new Date(1), lastSequence: 1 }
    expect(await store.audit.streams({ limit: 10 })).toEqual([{ ...stream, lastMac: Buffer.alloc(0), isClosed: false }])
    await pool.end()
  })
})
