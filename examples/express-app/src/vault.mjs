// Opens the vault on the store and with the key provider that the environment names.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVault, generateKey, isKeyVariable, keyFromEnv, keyFromFile } from '@mcpvault/core'

/** The app as a principal: it owns its own secrets, and looks after the health of the vault. */
export const service = { id: 'app', roles: ['service'] }

/** @type {import('@mcpvault/core').Policy} */
const policy = { roles: { service: [{ allow: ['operate'] }], auditor: [{ allow: ['audit'] }] } }

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */
/** @typedef {{ store: import('@mcpvault/core').VaultStore & { migrate(): unknown }, close(): unknown }} Opened */

/**
 * @param {Environment} env
 * @param {string} folder
 */
export async function openVault(env, folder) {
  const keys = await openKeys(env, folder)
  const { store, close } = await openStore(env, folder)
  try {
    await store.migrate()
    const vault = createVault({ keys, store, policy })
    return {
      vault,
      /** Writes the last events of the audit trail, forgets the keys and closes the store. */
      async close() {
        await vault.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * @param {Environment} env
 * @param {string} folder
 */
async function openKeys(env, folder) {
  if (env['AWS_KMS_KEY_ID']) {
    const [{ KMSClient }, { awsKms }] = await Promise.all([import('@aws-sdk/client-kms'), import('@mcpvault/aws-kms')])
    return awsKms({ client: new KMSClient({}), keyId: env['AWS_KMS_KEY_ID'] })
  }
  const isElsewhere = env['DATABASE_URL'] || env['MONGODB_URL'] || env['REDIS_URL']
  if (isElsewhere || Object.keys(env).some((name) => isKeyVariable(name) && env[name])) return keyFromEnv({ env })
  const path = join(folder, 'vault.key')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // A new key would not open what an older one has sealed.
  if (!existsSync(path) && !existsSync(join(folder, 'vault.sqlite'))) {
    writeFileSync(path, `${generateKey()}\n`, { mode: 0o600, flag: 'wx' })
  }
  return keyFromFile(path)
}

/**
 * @param {Environment} env
 * @param {string} folder
 * @returns {Promise<Opened>}
 */
async function openStore(env, folder) {
  if (env['DATABASE_URL']) {
    const [{ Pool }, { postgresStore, postgresUrl }] = await Promise.all([import('pg'), import('@mcpvault/postgres')])
    // Before anything else: what Node says of a broken address repeats it, with the password.
    const { connectionString, ...rest } = postgresUrl(env['DATABASE_URL'])
    const url = new URL(connectionString)
    const file = env['DATABASE_PASSWORD_FILE']
    if (file) url.password = encodeURIComponent(readFileSync(file, 'utf8').trim())
    const pool = new Pool({ ...rest, connectionString: url.href })
    return { store: postgresStore({ pool }), close: () => pool.end() }
  }
  if (env['MONGODB_URL']) {
    const [{ MongoClient }, { mongoStore }] = await Promise.all([import('mongodb'), import('@mcpvault/mongo')])
    const client = new MongoClient(env['MONGODB_URL'])
    return { store: await mongoStore({ client, logger: console }), close: () => client.close() }
  }
  if (env['REDIS_URL']) {
    const [{ Redis }, { redisStore }] = await Promise.all([import('ioredis'), import('@mcpvault/redis')])
    const client = new Redis(env['REDIS_URL'])
    return { store: redisStore({ client, logger: console }), close: () => client.disconnect() }
  }
  const { sqliteStore } = await import('@mcpvault/sqlite')
  const store = sqliteStore({ path: join(folder, 'vault.sqlite') })
  return { store, close: () => store.close() }
}
