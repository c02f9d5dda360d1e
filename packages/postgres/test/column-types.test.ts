// Whatever type parsers the caller's client has, the store reads what it stored.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { fullSecret, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { freshPool, freshStore, poolOn, quiet } from './support/stores.ts'

const policy = { roles: { operator: [{ allow: ['operate', 'audit'] as const }] } }
/** Each type that a column of the store has, by its object id. */
const columnTypes = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, text: 25, jsonb: 3802, timestamptz: 1184 }

describeWith('the types of the caller', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const url = (): string => String(pool.options.connectionString)

  async function expectVault(asked: pg.Pool): Promise<void> {
    const { store, schema } = await freshStore(pool)
    const own = postgresStore({ pool: asked, schema, logger: quiet })
    expect(await own.migrate()).toEqual({ version: 2, applied: [] })
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store: own, policy })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    for (const value of ['first', 'second']) await scope.set('token', value, { tags: ['ci'] })
    expect((await scope.get('token'))?.reveal()).toBe('second')
    expect((await scope.list({ tag: 'ci' })).items).toHaveLength(1)
    expect((await scope.history('token'))?.map(({ version }) => version)).toEqual([2, 1])
    expect((await vault.as({ id: 'alice' }).auditLog()).items.length).toBeGreaterThan(3)
    const operator = vault.operator({ id: 'root', roles: ['operator'] })
    await operator.rewrap()
    expect((await operator.verifyAudit()).problems).toEqual([])
    await vault.close()
    // One at a time and several in one statement, as the plain store has them.
    const names = Array.from({ length: 8 }, (_, index) => ({ ...sampleRef(), name: `N${index}` }))
    const done = await Promise.all(names.map((ref) => own.secrets.put(fullSecret({ ref }), { ifRevision: 0 })))
    expect(done.every((stored) => stored)).toBe(true)
    expect(await Promise.all(names.map((ref) => own.secrets.find(ref, 'all')))).toEqual(
      await Promise.all(names.map((ref) => store.secrets.find(ref, 'all'))),
    )
  }

  test.each(Object.entries(columnTypes))(
    '%s may be read as anything by the options of the pool',
    async (_name, type) => {
      const types = {
        getTypeParser: (asked: number) =>
          asked === type ? () => ({ of: 'the caller' }) : pg.types.getTypeParser(asked, 'text'),
      }
      // The driver takes any object; its type repeats the overloads of its own function.
      const asked = poolOn(url(), { types: types as pg.CustomTypesConfig })
      await expectVault(asked)
      await asked.end()
    },
  )

  test('of all columns, for the whole process, change nothing', async () => {
    const before = Object.values(columnTypes).map((type) => [type, pg.types.getTypeParser(type, 'text')] as const)
    for (const [type] of before) pg.types.setTypeParser(type, BigInt)
    try {
      await expectVault(pool)
    } finally {
      for (const [type, parse] of before) pg.types.setTypeParser(type, parse)
    }
  })

  test('bytes may come as escapes, as the server of a role may write them', async () => {
    const asked = poolOn(url(), { options: '-c bytea_output=escape' })
    await expectVault(asked)
    const { schema } = await freshStore(pool)
    const { meta } = postgresStore({ pool: asked, schema })
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    expect(await meta.insertOnce('all', bytes)).toEqual(Buffer.from(bytes))
    await asked.end()
  })

  test.each([
    // The driver reads this option, which its types do not have.
    ['pool.binary', () => poolOn(url(), { binary: true } as pg.PoolConfig)],
    [
      'pool.client_encoding',
      () => poolOn(url()).on('connect', (client) => void client.query('SET client_encoding = LATIN1')),
    ],
  ])('%s is refused by name before anything is stored', async (field, poolOf) => {
    const { schema } = await freshStore(pool)
    const asked = poolOf()
    const store = postgresStore({ pool: asked, schema })
    const refused = { code: 'VAULT_CONFIG_INVALID', field }
    await expect(store.migrate()).rejects.toMatchObject(refused)
    await expect(store.secrets.put(sampleSecret(), { ifRevision: 0 })).rejects.toMatchObject(refused)
    expect(await postgresStore({ pool, schema }).secrets.find(sampleRef(), 'current')).toBeUndefined()
    await asked.end()
  })

  /** A pool whose clients are something more than those of `pg`. */
  const wrapped = (more: (client: pg.PoolClient) => object) => ({
    async connect() {
      const client = await pool.connect()
      const methods = { on: client.on.bind(client), removeListener: client.removeListener.bind(client) }
      return Object.assign(Object.create(client), methods, { release: client.release.bind(client) }, more(client))
    },
  })

  test('rows that a wrapper returns as objects are refused by name', async () => {
    const { schema } = await freshStore(pool)
    const asked = wrapped((client) => ({
      query: ({ text, values }: pg.QueryConfig) => client.query({ text, ...(values && { values }) }),
    }))
    const store = postgresStore({ pool: asked, schema })
    const refused = { code: 'VAULT_CONFIG_INVALID', field: 'pool', message: expect.stringContaining('as arrays') }
    await expect(store.migrate()).rejects.toMatchObject(refused)
    await expect(store.secrets.put(sampleSecret(), { ifRevision: 0 })).rejects.toMatchObject(refused)
  })

  test('a client on libpq is refused by name', async () => {
    const native = wrapped(() => ({ native: {}, query: () => expect.fail('It was asked.') }))
    const store = postgresStore({ pool: native })
    const refused = { code: 'VAULT_CONFIG_INVALID', field: 'pool', message: expect.stringContaining('pg.native') }
    await expect(store.migrate()).rejects.toMatchObject(refused)
    await expect(store.secrets.find(sampleRef(), 'current')).rejects.toMatchObject(refused)
  })
})
