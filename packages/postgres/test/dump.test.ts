// A dump of the database is a whole backup, and says nothing of any value.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { writingIn } from '@mcpvault/testkit/canary'
import { callEverything, testPolicy } from '@mcpvault/testkit/vaults'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { freshPool, freshStore } from './support/stores.ts'

const run = promisify(execFile)
const text = 'canary+text/"quoted"-Zq8vKx2mPw'
const bytes = Buffer.from('fa ce 00 ff canary bytes')
const field = 'canary-field-9Lr4TyHs6Bn1'

describeWith('a dump of Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  test('[A38][A20][A21][S44][T2] brings everything back with the key, and holds no value and no master key', async () => {
    const kek = Buffer.from(generateKey(), 'base64url')
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': kek } })
    const { store, schema, drop } = await freshStore(pool)
    const vault = createVault({ keys, store, policy: testPolicy })
    await callEverything(vault, { text, bytes, field })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    for (let index = 0; index < 20; index += 1) await alice.set(`kept ${index}`, `${text} ${index}`)
    await vault.close()

    const url = String(pool.options.connectionString)
    const { stdout: dump } = await run(await server().tool('pg_dump'), ['--dbname', url, '--schema', schema], {
      maxBuffer: 64 << 20,
    })
    expect(dump).toContain('mcpvault_secrets')
    const raw = Buffer.from(dump)
    const decoded = Buffer.concat(
      [...dump.matchAll(/\\\\x([0-9a-f]+)/g)].map(([, hex = '']) => Buffer.from(hex, 'hex')),
    )
    expect(decoded.length).toBeGreaterThan(5_000)
    for (const canary of [Buffer.from(text), bytes, Buffer.from(field), kek]) {
      expect(writingIn(raw, canary)).toBeUndefined()
      expect(writingIn(decoded, canary)).toBeUndefined()
    }

    await drop()
    const psql = await server().tool('psql')
    const restoring = run(psql, ['--dbname', url, '--quiet', '--set', 'ON_ERROR_STOP=1'])
    restoring.child.stdin?.end(dump)
    await restoring
    const again = createVault({ keys, store: postgresStore({ pool, schema }), policy: testPolicy })
    for (let index = 0; index < 20; index += 1) {
      const value = await again.as({ id: 'alice' }).scope({ server: 'github' }).get(`kept ${index}`)
      expect(value?.reveal()).toBe(`${text} ${index}`)
    }
    expect((await again.operator({ id: 'root', roles: ['operator'] }).verifyAudit()).problems).toEqual([])
    await again.close()
  })
})
