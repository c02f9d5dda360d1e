// envSecrets: the variables of a hosting platform by their prefix, and never a master key.
import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { envSecrets, importSecrets } from '../../src/import/index.ts'
import { parseDotEnv } from '../../src/presets/index.ts'
import { keyFromEnv } from '../../src/providers/index.ts'
import { textOf } from '../providers/fixtures.ts'

const key = textOf('render')
const render = {
  RENDER_SECRET_JWT_SECRET: 'the secret of the tokens',
  RENDER_SECRET_DATABASE_PASSWORD: 'the password of the database',
  RENDER_SECRET_ENCRYPTION_MASTER_KEY: key,
  RENDER_SERVICE_ID: 'srv-1',
  PATH: '/bin',
}

describe('variables with a prefix', () => {
  it('[T10] are the secrets and the master key of a platform, each where it belongs', async () => {
    const keys = keyFromEnv({ env: render, aliases: ['RENDER_SECRET_ENCRYPTION_MASTER_KEY'] })
    const { scope, store, vault } = testVault({ keys })
    const into = scope('app')
    const from = envSecrets({ prefix: 'RENDER_SECRET_', env: render })
    const name = (entry: { name: string }) => entry.name.toLowerCase().replaceAll('_', '-')
    expect(await importSecrets({ from, into, name })).toEqual({
      created: ['database-password', 'jwt-secret'],
      kept: [],
      updated: [],
      refused: [],
    })
    expect((await into.get('jwt-secret'))?.reveal()).toBe('the secret of the tokens')
    expect((await into.get('database-password'))?.reveal()).toBe('the password of the database')
    await vault.close()
    // The same variable opens it again.
    const again = testVault({ store, keys: keyFromEnv({ env: { MCPVAULT_KEY: key } }) }).scope('app')
    expect((await again.getAll()).values.size).toBe(2)
  })

  it('[T10][A26] are never a master key, by whatever name', () => {
    const env = {
      ...render,
      RENDER_SECRET_MCPVAULT_KEY: textOf('a'),
      RENDER_SECRET_MCPVAULT_KEY_PROD: textOf('b'),
      RENDER_SECRET_ENCRYPTION_SALT: 'sixteen-byte-sal',
      RENDER_SECRET_COPY: key,
      MCPVAULT_KEY: textOf('c'),
      RENDER_SECRET_OTHER_COPY: textOf('c'),
    }
    const secrets = envSecrets({ prefix: 'RENDER_SECRET_', env })
    expect(secrets.map(({ name }) => name)).toEqual(['DATABASE_PASSWORD', 'JWT_SECRET'])
    expect(
      envSecrets({ prefix: 'ENCRYPTION_', env: { ENCRYPTION_MASTER_KEY: key, ENCRYPTION_MASTER_KEY_QA: key } }),
    ).toEqual([])
  })

  it('have the name without the prefix, the value as it is, and the whole name', () => {
    const env = { APP_B: ' x ', APP_A: 'y', APP_: 'z', APP_EMPTY: '', APP_UNSET: undefined, app_c: 'x', MY_APP_D: 'x' }
    expect(envSecrets({ prefix: 'APP_', env })).toEqual([
      { name: 'A', value: 'y', variable: 'APP_A' },
      { name: 'B', value: ' x ', variable: 'APP_B' },
    ])
  })

  it('are those of the process unless others are given', () => {
    process.env['MCPVAULT_TEST_PREFIX_ONE'] = 'a value'
    try {
      expect(envSecrets({ prefix: 'MCPVAULT_TEST_PREFIX_' })).toMatchObject([{ name: 'ONE', value: 'a value' }])
    } finally {
      delete process.env['MCPVAULT_TEST_PREFIX_ONE']
    }
  })

  it.each(['', 'A-B', 'A B', 'a'.repeat(65)])('need a prefix, which %j is not', (prefix) => {
    expect(() => envSecrets({ prefix, env: {} })).toThrow(
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field: 'prefix' }),
    )
  })

  it.each([undefined, { prefix: 7 }, { prefix: 'A_', env: 7 }])('need options: %j', (options) => {
    expect(() => Reflect.apply(envSecrets, undefined, [options])).toThrow(TypeError)
  })

  it('need no option of another name', () => {
    expect(() => Reflect.apply(envSecrets, undefined, [{ prefx: 'A_' }])).toThrow('options.prefx')
  })
})

describe('a development .env file', () => {
  it('[T12][A28] is read and imported', async () => {
    const file = [
      '# local',
      'DATABASE_URL=postgresql://app:p%40ss@localhost:5432/app',
      'JWT_SECRET="of the tokens"',
      "JWT_REFRESH_SECRET='of the refresh tokens'",
      'XERO_CLIENT_ID=a-client',
      'XERO_CLIENT_SECRET=of-the-client',
      'ENCRYPTION_KEY=of-an-older-system',
    ].join('\n')
    const { entries, problems } = parseDotEnv(file)
    expect(problems).toEqual([])
    const into = testVault().scope('app')
    const { created, refused } = await importSecrets({ from: entries, into })
    expect(refused).toEqual([])
    expect(created).toEqual([
      'DATABASE_URL',
      'JWT_SECRET',
      'JWT_REFRESH_SECRET',
      'XERO_CLIENT_ID',
      'XERO_CLIENT_SECRET',
      'ENCRYPTION_KEY',
    ])
    expect((await into.get('DATABASE_URL'))?.reveal()).toBe('postgresql://app:p%40ss@localhost:5432/app')
    expect((await into.get('JWT_REFRESH_SECRET'))?.reveal()).toBe('of the refresh tokens')
  })
})
