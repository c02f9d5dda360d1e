// No value and no master key is in any file of a SQLite vault, and each cause of an unreadable value has its own code.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createVault, generateKey, keyRing, type Vault } from '@mcpvault/core'
import { writingIn } from '@mcpvault/testkit/canary'
import { flipped, overwrite, storedAt } from '@mcpvault/testkit/forgery'
import { callEverything, testPolicy } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { drivers, freshStore, openStore, temporaryFolder } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const text = 'canary+text/"quoted"-Zq8vKx2mPw'
const bytes = Buffer.from([0xfa, 0xce, ...randomBytes(30)])
const field = 'canary-field-9Lr4TyHs6Bn1'

const aliceOf = (vault: Vault) => vault.as({ id: 'alice' }).scope({ server: 'github' })

describe.each(drivers)('the files of a vault on %s', (driver) => {
  it('[A20][A21][A25][S44][T2] hold no value and no master key, in the database, its log or its index', async () => {
    const { store, path } = await freshStore(driver)
    const kek = randomBytes(32)
    const vault = createVault({
      keys: keyRing({ current: 'main#1', keys: { 'main#1': kek } }),
      store,
      policy: testPolicy,
    })
    await callEverything(vault, { text, bytes, field })
    for (let index = 0; index < 100; index++) await aliceOf(vault).set(`more ${index}`, `${text} ${index}`)
    const look = (): void => {
      const files = readdirSync(dirname(path)).map((name) => readFileSync(join(dirname(path), name)))
      expect(Buffer.concat(files).includes('github')).toBe(true)
      for (const file of files) {
        for (const canary of [Buffer.from(text), bytes, Buffer.from(field), kek]) {
          expect(writingIn(file, canary)).toBeUndefined()
        }
      }
    }
    expect(readdirSync(dirname(path)).sort()).toEqual(['vault.db', 'vault.db-shm', 'vault.db-wal'])
    look()
    await vault.close()
    store.close()
    look()
  })

  it('[A35] an unknown key, a missing schema and an altered value are three different errors', async () => {
    const { store } = await freshStore(driver)
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    await aliceOf(createVault({ keys, store })).set('token', 'of alice')

    const stranger = createVault({ keys: keyRing({ current: 'dev#1', keys: { 'dev#1': generateKey() } }), store })
    expect(await failureOf(() => aliceOf(stranger).get('token'))).toMatchObject({ code: 'VAULT_KEY_UNKNOWN' })

    const blank = openStore({ path: join(temporaryFolder(), 'blank.db'), driver })
    const early = createVault({ keys, store: blank })
    expect(await failureOf(() => aliceOf(early).get('token'))).toMatchObject({ code: 'VAULT_STORE_NOT_READY' })
    await blank.migrate()
    expect(await aliceOf(early).get('token')).toBeUndefined()

    const record = await storedAt(store)
    const versions = record.versions.map(({ envelope = record.mac, ...rest }) => ({
      ...rest,
      envelope: flipped(envelope, 850),
    }))
    await overwrite(store, { ...record, versions })
    const again = createVault({ keys, store })
    expect(await failureOf(() => aliceOf(again).get('token'))).toMatchObject({ code: 'VAULT_OPEN_FAILED' })
  })
})
