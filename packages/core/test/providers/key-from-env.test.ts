// keyFromEnv: every name, conflicts between them, defaults that are refused, and environments apart.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { testVault } from '@mcpvault/testkit/vaults'
import { afterAll, describe, expect, it } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import {
  type KeyAlias,
  type KeyFromEnvOptions,
  keyFromEnv,
  keyFromFile,
  keyRing,
  parseKeyText,
  sameKeyAcrossEnvironments,
} from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { around, currentOf, errorOf, keyOf, passes, textOf } from './fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'mcpvault-env-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function fileOf(content: string): string {
  files += 1
  const path = join(folder, `key-${files}`)
  writeFileSync(path, content)
  chmodSync(path, 0o600)
  return path
}

const idOf = (label: string): string => parseKeyText(textOf(label)).keyId
const ringOf = (label: string) => keyRing({ current: idOf(label), keys: { [idOf(label)]: keyOf(label) } })
const password = { MASTER_PASSWORD: 'correct horse battery', ENCRYPTION_SALT: 'sixteen-byte-sal' }

const textAliases = [
  'ENCRYPTION_MASTER_KEY',
  'SECRETS_MASTER_KEY',
  'SECRETS_KEY',
  'RENDER_SECRET_ENCRYPTION_MASTER_KEY',
] as const satisfies readonly KeyAlias[]
const aliases: readonly KeyAlias[] = [...textAliases, 'MASTER_PASSWORD']

describe('names', () => {
  it('[A8] reads MCPVAULT_KEY', async () => {
    const provider = keyFromEnv({ env: { MCPVAULT_KEY: textOf('main') } })
    expect(provider.id).toBe('env')
    expect(await currentOf(provider)).toBe(idOf('main'))
    expect(await passes(provider)).toBe(true)
    expect(await passes(provider, ringOf('main'))).toBe(true)
  })

  it.each(textAliases)('[A8][S28][N13] reads %s where it is asked for', async (alias) => {
    const env = { [alias]: textOf('main') }
    const provider = keyFromEnv({ env, aliases: [alias] })
    expect(await currentOf(provider)).toBe(idOf('main'))
    expect(await passes(provider)).toBe(true)
    expect(await passes(provider, ringOf('main'))).toBe(true)
  })

  it.each(aliases)('[A8][S28][N13][T32] reads no %s that is not asked for, and says how to', async (alias) => {
    const text = alias === 'MASTER_PASSWORD' ? password.MASTER_PASSWORD : textOf('foreign')
    const env = { ENCRYPTION_SALT: password.ENCRYPTION_SALT, [alias]: text }
    const error = await errorOf(() => keyFromEnv({ env, aliases: aliases.filter((each) => each !== alias) }))
    expect(error.code).toBe('VAULT_NO_KEY')
    expect(error.message).toContain(`keyFromEnv({ aliases: ['${alias}'] })`)
    expect(error.message).not.toContain(text)
    expect((await errorOf(() => keyFromEnv({ env }))).code).toBe('VAULT_NO_KEY')
    for (const foreign of [text, 'p4ssw0rd'])
      expect(await currentOf(keyFromEnv({ env: { MCPVAULT_KEY: textOf('main'), [alias]: foreign } }))).toBe(
        idOf('main'),
      )
  })

  it('refuses aliases of other names and types', async () => {
    const env = { MCPVAULT_KEY: textOf('main') }
    const withAliases = (aliases: unknown) => () => Reflect.apply(keyFromEnv, undefined, [{ env, aliases }])
    for (const aliases of [['OTHER'], ['SECRETS_KEY', 'MCPVAULT_KEY'], [1]])
      expect(await errorOf(withAliases(aliases))).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'aliases' })
    expect(withAliases('SECRETS_KEY')).toThrow(TypeError)
  })

  it('[A8] reads the process environment by default', async () => {
    const before = process.env['MCPVAULT_KEY']
    process.env['MCPVAULT_KEY'] = `from-process#3:${textOf('main')}`
    try {
      expect(await currentOf(keyFromEnv())).toBe('from-process#3')
    } finally {
      if (before === undefined) delete process.env['MCPVAULT_KEY']
      else process.env['MCPVAULT_KEY'] = before
    }
  })

  it('reads MCPVAULT_KEY_FILE, older keys included', async () => {
    const path = fileOf(`main#2:${textOf('two')}\n${textOf('one')}\n`)
    const provider = keyFromEnv({ env: { MCPVAULT_KEY_FILE: path } })
    expect(await currentOf(provider)).toBe('main#2')
    expect(await passes(ringOf('one'), provider)).toBe(true)
  })

  it('takes a key file that others can read where that is allowed', async () => {
    const path = fileOf(textOf('mounted'))
    chmodSync(path, 0o444)
    const env = { MCPVAULT_KEY_FILE: path }
    const { field, message } = await errorOf(() => keyFromEnv({ env }))
    expect(field).toBe('MCPVAULT_KEY_FILE')
    expect(message).toContain('allowReadableByOthers')
    expect(await currentOf(keyFromEnv({ env, allowReadableByOthers: true }))).toBe(idOf('mounted'))
  })

  it('refuses a key file without a key, and says which variable', async () => {
    const env = { MCPVAULT_KEY_FILE: fileOf('# none') }
    expect(await errorOf(() => keyFromEnv({ env }))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'MCPVAULT_KEY_FILE',
    })
    const missing = { MCPVAULT_KEY_FILE: join(folder, 'missing') }
    expect(await errorOf(() => keyFromEnv({ env: missing }))).toMatchObject({ field: 'MCPVAULT_KEY_FILE' })
  })

  it('[T32] MASTER_PASSWORD and ENCRYPTION_SALT give PBKDF2-HMAC-SHA512 of 100,000 iterations', async () => {
    const provider = keyFromEnv({ env: password, aliases })
    expect(await currentOf(provider)).toMatch(/^pbkdf2-sha512-100000-[\w-]{11}\.[\w-]{11}#1$/)
    const known = Buffer.from('a1da46e46e8b45ed62938450650cf2d2fb33e43106a621cb3b4b0be587d5d971', 'hex')
    const current = await currentOf(provider)
    expect(await passes(provider, keyRing({ current, keys: { [current]: known } }))).toBe(true)
  })

  it('[N13] reads older keys from MCPVAULT_PREVIOUS_KEYS', async () => {
    const older = ` ${textOf('one')} , main#4:${textOf('four')},`
    const provider = keyFromEnv({ env: { MCPVAULT_KEY: `main#5:${textOf('five')}`, MCPVAULT_PREVIOUS_KEYS: older } })
    expect(await currentOf(provider)).toBe('main#5')
    expect(await passes(ringOf('one'), provider)).toBe(true)
    expect(await passes(keyRing({ current: 'main#4', keys: { 'main#4': keyOf('four') } }), provider)).toBe(true)
    expect(await errorOf(() => passes(ringOf('two'), provider))).toMatchObject({
      code: 'VAULT_KEY_UNKNOWN',
      keyId: idOf('two'),
    })
  })

  it('a vault is opened by the same key from a variable, a file or a secret manager', async () => {
    const store = memoryStore()
    const providers: readonly KeyProvider[] = [
      keyFromEnv({ env: { MCPVAULT_KEY: `main#1:${textOf('main')}` } }),
      keyFromFile(fileOf(`main#1:${textOf('main')}`)),
      // What a secret manager returned.
      keyRing({ current: 'main#1', keys: { 'main#1': keyOf('main') } }),
    ]
    for (const [count, keys] of providers.entries()) {
      const { scope, vault } = testVault({ store, keys })
      if (count > 0) expect((await scope('alice').get('count'))?.reveal()).toBe(`${count}`)
      await scope('alice').set('count', `${count + 1}`)
      await vault.close()
    }
  })

  it('older keys go with a passphrase too', async () => {
    const provider = keyFromEnv({ env: { ...password, MCPVAULT_PREVIOUS_KEYS: textOf('one') }, aliases })
    expect(await passes(ringOf('one'), provider)).toBe(true)
  })
})

describe('what tools leave around a key', () => {
  it.each(around)('%s: is no part of it', async (_, wrapped) => {
    const env = {
      MCPVAULT_KEY: wrapped(`main#2:${textOf('two')}`),
      MCPVAULT_KEY_FILE: wrapped(fileOf(wrapped(textOf('two')))),
      MCPVAULT_PREVIOUS_KEYS: wrapped(`${textOf('one')},a#1:${textOf('three')}`),
      MCPVAULT_KEY_DEV: wrapped(textOf('dev')),
    }
    const provider = keyFromEnv({ env })
    expect(await currentOf(provider)).toBe('main#2')
    expect(await passes(ringOf('one'), provider)).toBe(true)
    const each = { ...env, MCPVAULT_PREVIOUS_KEYS: `${wrapped(`a#1:${textOf('three')}`)},${wrapped(textOf('one'))}` }
    expect(await passes(ringOf('one'), keyFromEnv({ env: each }))).toBe(true)
    expect(await currentOf(keyFromEnv({ env, environment: 'dev' }))).toBe(idOf('dev'))
    const same = { MCPVAULT_KEY_A: textOf('one'), MCPVAULT_KEY_B: wrapped(textOf('one')), MCPVAULT_KEY_C: wrapped('') }
    expect(sameKeyAcrossEnvironments({ ...same, MCPVAULT_KEY_D: '""' })).toEqual([['a', 'b']])
  })

  it('a # that cuts a key with an id off is named in the error', async () => {
    for (const env of [{ MCPVAULT_KEY: 'main' }, { MCPVAULT_KEY: textOf('one'), MCPVAULT_PREVIOUS_KEYS: 'main' }]) {
      const { code, message } = await errorOf(() => keyFromEnv({ env }))
      expect(code).toBe('VAULT_CONFIG_INVALID')
      expect(message).toContain('put quotes around it')
    }
  })

  it('a quoted key with an id comes through an .env file', async () => {
    const env = parseEnv(`MCPVAULT_KEY="main#2:${textOf('two')}"\nMCPVAULT_PREVIOUS_KEYS="main#1:${textOf('one')}"\n`)
    expect(await currentOf(keyFromEnv({ env }))).toBe('main#2')
  })
})

describe('no key', () => {
  it.each<[string, KeyFromEnvOptions]>([
    ['nothing is set', { env: {} }],
    ['the variable holds blanks and quotes', { env: { MCPVAULT_KEY: ' "" ', MCPVAULT_KEY_FILE: "''\n" } }],
    ['the variable is empty', { env: { MCPVAULT_KEY: '', ENCRYPTION_MASTER_KEY: undefined } }],
    ['only older keys are set', { env: { MCPVAULT_PREVIOUS_KEYS: textOf('one') } }],
    ['only a salt is set', { env: { ENCRYPTION_SALT: 'sixteen-byte-salt' } }],
    ['only another environment has one', { env: { MCPVAULT_KEY_DEV: textOf('one') }, environment: 'prod' }],
    ['an environment has one and none is asked for', { env: { MCPVAULT_KEY_DEV: textOf('one') } }],
  ])('[A31][A34] is an error at construction when %s', async (_, options) => {
    const error = await errorOf(() => keyFromEnv(options))
    expect(error.code).toBe('VAULT_NO_KEY')
    expect(error.message).toContain('No encryption key found')
    expect(error.message).toContain('MCPVAULT_KEY')
    expect(error.message).toContain('generateKey()')
  })
})

describe('two variables', () => {
  it('are an error when they hold different keys', async () => {
    const env = { MCPVAULT_KEY: textOf('one'), SECRETS_KEY: textOf('two') }
    const error = await errorOf(() => keyFromEnv({ env, aliases: ['SECRETS_KEY'] }))
    expect(error).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'SECRETS_KEY' })
    expect(error.message).toContain('SECRETS_KEY must hold the same key as MCPVAULT_KEY')
    const file = { MCPVAULT_KEY: textOf('one'), MCPVAULT_KEY_FILE: fileOf(`${textOf('two')}\n\n`) }
    const fileError = await errorOf(() => keyFromEnv({ env: file }))
    expect(fileError.field).toBe('MCPVAULT_KEY_FILE')
    expect(fileError.message).toContain('MCPVAULT_KEY_FILE must hold the same key as MCPVAULT_KEY.')
  })

  it('are one key in whatever spelling they hold it, and take the id that one of them gives', async () => {
    const spellings = { MCPVAULT_KEY: textOf('one'), SECRETS_KEY: keyOf('one').toString('hex') }
    expect(await currentOf(keyFromEnv({ env: spellings, aliases }))).toBe(idOf('one'))
    const named = {
      ...spellings,
      SECRETS_MASTER_KEY: `main#9:${textOf('one')}`,
      MCPVAULT_KEY_FILE: fileOf(`${textOf('one')}\n`),
    }
    expect(await currentOf(keyFromEnv({ env: named, aliases }))).toBe('main#9')
  })

  it('are an error when they give one key different ids', async () => {
    const env = { MCPVAULT_KEY: `main#1:${textOf('one')}`, SECRETS_KEY: `main#2:${textOf('one')}` }
    const error = await errorOf(() => keyFromEnv({ env, aliases }))
    expect(error).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'SECRETS_KEY' })
    expect(error.message).toContain('SECRETS_KEY must give the key the same id as MCPVAULT_KEY.')
  })

  it('are an error when one id has two keys among the older ones', async () => {
    const env = { MCPVAULT_KEY: textOf('one'), MCPVAULT_PREVIOUS_KEYS: `a#1:${textOf('two')},a#1:${textOf('three')}` }
    expect(await errorOf(() => keyFromEnv({ env }))).toMatchObject({ field: 'MCPVAULT_PREVIOUS_KEYS' })
  })

  it('are an error when the current id has another key among the older ones', async () => {
    const env = { MCPVAULT_KEY: `a#1:${textOf('one')}`, MCPVAULT_PREVIOUS_KEYS: `a#1:${textOf('two')}` }
    expect(await errorOf(() => keyFromEnv({ env }))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'MCPVAULT_PREVIOUS_KEYS',
    })
  })

  it('compare a passphrase by the key that it gives', async () => {
    const same = keyFromEnv({
      aliases,
      env: { ...password, MCPVAULT_KEY: 'a1da46e46e8b45ed62938450650cf2d2fb33e43106a621cb3b4b0be587d5d971' },
    })
    expect(await currentOf(same)).toBe(
      parseKeyText('a1da46e46e8b45ed62938450650cf2d2fb33e43106a621cb3b4b0be587d5d971').keyId,
    )
    const different = { ...password, MCPVAULT_KEY: textOf('one') }
    expect(await errorOf(() => keyFromEnv({ env: different, aliases }))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'MASTER_PASSWORD',
    })
  })
})

describe('what is refused', () => {
  it.each(['secret', 'default-key', 'change-me', 'change-me-now', 'development-key', 'not a key'])(
    '[N9][N13] SECRETS_KEY=%s, unless insecure keys are allowed',
    async (text) => {
      const env = { SECRETS_KEY: text }
      expect(await errorOf(() => keyFromEnv({ env, aliases }))).toMatchObject({
        code: 'VAULT_CONFIG_INVALID',
        field: 'SECRETS_KEY',
      })
      expect((await errorOf(() => keyFromEnv({ env, aliases, allowInsecureKey: false }))).code).toBe(
        'VAULT_CONFIG_INVALID',
      )
      expect(await passes(keyFromEnv({ env, aliases, allowInsecureKey: true }))).toBe(true)
    },
  )

  it('[N13] insecure older keys and passphrases, unless they are allowed', async () => {
    const older = { MCPVAULT_KEY: textOf('one'), MCPVAULT_PREVIOUS_KEYS: 'secret' }
    expect((await errorOf(() => keyFromEnv({ env: older }))).field).toBe('MCPVAULT_PREVIOUS_KEYS')
    const before = keyFromEnv({ env: { SECRETS_KEY: 'secret' }, aliases, allowInsecureKey: true })
    expect(await passes(before, keyFromEnv({ env: older, allowInsecureKey: true }))).toBe(true)
    const weak = { ...password, MASTER_PASSWORD: 'password' }
    expect((await errorOf(() => keyFromEnv({ env: weak, aliases }))).field).toBe('MASTER_PASSWORD')
    expect(await passes(keyFromEnv({ env: weak, aliases, allowInsecureKey: true }))).toBe(true)
  })

  it('[A41] a passphrase without salt, or with a salt below 16 bytes', async () => {
    const { MASTER_PASSWORD } = password
    expect(await errorOf(() => keyFromEnv({ env: { MASTER_PASSWORD }, aliases }))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'ENCRYPTION_SALT',
    })
    const short = { MASTER_PASSWORD, ENCRYPTION_SALT: 'fifteen-bytes--' }
    expect((await errorOf(() => keyFromEnv({ env: short, aliases }))).code).toBe('VAULT_CONFIG_INVALID')
  })

  it.each(['', 'a-b', 'file', 'FILE', 'a'.repeat(65)])('the environment name %j', async (environment) => {
    const env = { MCPVAULT_KEY: textOf('one') }
    expect((await errorOf(() => keyFromEnv({ env, environment }))).field).toBe('environment')
  })

  it('unknown options and other types', async () => {
    expect((await errorOf(() => Reflect.apply(keyFromEnv, undefined, [{ enviroment: 'prod' }]))).field).toBe(
      'enviroment',
    )
    expect(() => Reflect.apply(keyFromEnv, undefined, [{ environment: 1 }])).toThrow(TypeError)
    expect(() => Reflect.apply(keyFromEnv, undefined, [null])).toThrow(TypeError)
  })
})

describe('environments', () => {
  const env = {
    MCPVAULT_KEY: textOf('shared'),
    MCPVAULT_KEY_DEV: textOf('dev'),
    ENCRYPTION_MASTER_KEY_PROD: textOf('prod'),
    MCPVAULT_KEY_EU_1: textOf('eu'),
  }

  it.each([
    ['dev', 'dev'],
    ['DEV', 'dev'],
    ['prod', 'prod'],
    ['eu_1', 'eu'],
    ['staging', 'shared'],
    [undefined, 'shared'],
  ])('[A39] %s takes its own key, else the shared one', async (environment, label) => {
    const options = environment === undefined ? { env, aliases } : { env, environment, aliases }
    expect(await currentOf(keyFromEnv(options))).toBe(idOf(label))
  })

  it('[A39] the alias of an environment is read only where it is asked for', async () => {
    expect(await currentOf(keyFromEnv({ env, environment: 'prod' }))).toBe(idOf('shared'))
    const alone = { ENCRYPTION_MASTER_KEY_PROD: textOf('prod') }
    const error = await errorOf(() => keyFromEnv({ env: alone, environment: 'prod' }))
    expect(error.code).toBe('VAULT_NO_KEY')
    expect(error.message).toContain("aliases: ['ENCRYPTION_MASTER_KEY']")
  })

  it('[A39] the key of one environment does not open what another wrapped', async () => {
    const [dev, prod] = [keyFromEnv({ env, environment: 'dev' }), keyFromEnv({ env, environment: 'prod', aliases })]
    expect(await errorOf(() => passes(prod, dev))).toMatchObject({ code: 'VAULT_KEY_UNKNOWN', keyId: idOf('prod') })
  })

  it('[A39] two different keys of one environment are an error', async () => {
    const both = { ...env, MCPVAULT_KEY_PROD: textOf('one') }
    expect(await errorOf(() => keyFromEnv({ env: both, environment: 'prod', aliases }))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'ENCRYPTION_MASTER_KEY_PROD',
    })
  })

  it('[A39] environments that share one key are found, in whatever spelling', () => {
    expect(sameKeyAcrossEnvironments(env)).toEqual([])
    const shared = {
      ...env,
      MCPVAULT_KEY_STAGING: keyOf('prod').toString('hex'),
      ENCRYPTION_MASTER_KEY_QA: `main#2:${textOf('prod')}`,
      MCPVAULT_KEY_B: 'secret',
      MCPVAULT_KEY_A: 'secret',
      ENCRYPTION_MASTER_KEY_DEV: textOf('dev'),
      MCPVAULT_KEY_X: '',
      MCPVAULT_KEY_Y: undefined,
      MCPVAULT_KEY_: textOf('dev'),
      MCPVAULT_KEY_FILE: 'secret',
      OTHER_PROD: textOf('dev'),
    }
    expect(sameKeyAcrossEnvironments(shared)).toEqual([
      ['a', 'b'],
      ['prod', 'qa', 'staging'],
    ])
  })

  it.each([
    ['production', 'MCPVAULT_KEY_PROD'],
    ['prod', 'MCPVAULT_KEY_PRODUCTION'],
    ['Development', 'ENCRYPTION_MASTER_KEY_DEV'],
    ['dev', 'ENCRYPTION_MASTER_KEY_DEVELOPMENT'],
  ])('[A39] %s is read from %s too', async (environment, variable) => {
    const provider = keyFromEnv({
      env: { MCPVAULT_KEY: textOf('shared'), [variable]: textOf('own') },
      environment,
      aliases,
    })
    expect(await currentOf(provider)).toBe(idOf('own'))
    const names = ['MCPVAULT_KEY_PROD', 'MCPVAULT_KEY_PRODUCTION', 'ENCRYPTION_MASTER_KEY_PROD']
    const same = Object.fromEntries(names.map((name) => [name, textOf('own')]))
    expect(await currentOf(keyFromEnv({ env: same, environment: 'prod', aliases }))).toBe(idOf('own'))
    expect(sameKeyAcrossEnvironments(same)).toEqual([])
  })

  it.each([
    ['MCPVAULT_KEY_DEV', textOf('one')],
    ['ENCRYPTION_MASTER_KEY_QA', `main#2:${keyOf('one').toString('hex')}`],
  ])('[A39] a key that %s holds as well is an error that names both variables and no key', async (variable, text) => {
    const shared = { MCPVAULT_KEY_PROD: textOf('one'), [variable]: text }
    const error = await errorOf(() => keyFromEnv({ env: shared, environment: 'production' }))
    expect(error).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'MCPVAULT_KEY_PROD' })
    expect(error.message).toContain(`MCPVAULT_KEY_PROD must not hold the same key as ${variable}.`)
    expect(error.message).not.toContain(textOf('one'))
    expect(
      await currentOf(keyFromEnv({ env: { ...shared, [variable]: textOf('two') }, environment: 'production' })),
    ).toBe(idOf('one'))
  })

  it('looks at the process environment by default', () => {
    expect(sameKeyAcrossEnvironments()).toEqual([])
  })
})
