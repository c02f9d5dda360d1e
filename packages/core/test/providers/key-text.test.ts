// Keys as text: every spelling that is taken, and every weak one that is not.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { generateKey, keyFromEnv, parseKeyText } from '../../src/providers/index.ts'
import { isWeakKey } from '../../src/providers/weak-key.ts'
import { around, errorOf, keyOf, passes, textOf } from './fixtures.ts'

const bytes = keyOf('main')

describe('generateKey', () => {
  it('[A41] makes 256 random bits that parse', () => {
    const keys = new Set(Array.from({ length: 1000 }, generateKey))
    expect(keys.size).toBe(1000)
    for (const key of keys) expect(parseKeyText(key).bytes.length).toBe(32)
  })

  it('[A7] makes another key at each run, which is taken wherever a key is', async () => {
    const [first, second] = [generateKey(), generateKey()]
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(first).not.toBe(second)
    for (const key of [first, second]) expect(await passes(keyFromEnv({ env: { MCPVAULT_KEY: key } }))).toBe(true)
    const [one, other] = [keyFromEnv({ env: { MCPVAULT_KEY: first } }), keyFromEnv({ env: { MCPVAULT_KEY: second } })]
    await expect(passes(one, other)).rejects.toMatchObject({ code: 'VAULT_KEY_UNKNOWN' })
  })
})

describe('parseKeyText', () => {
  it.each([
    ['base64url', bytes.toString('base64url')],
    ['base64url with padding, as Fernet.generate_key() writes it', `${bytes.toString('base64url')}=`],
    ['standard base64', bytes.toString('base64')],
    ['standard base64 without padding', bytes.toString('base64').slice(0, -1)],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
  ])('[A8] takes %s', (_, text) => {
    expect(parseKeyText(text).bytes.equals(bytes)).toBe(true)
    expect(parseKeyText(`eu/main:x#12:${text}`)).toEqual({ keyId: 'eu/main:x#12', bytes })
  })

  it.each(around)('takes a key with %s around it', (_, wrapped) => {
    expect(parseKeyText(wrapped(textOf('main'))).bytes.equals(bytes)).toBe(true)
    expect(parseKeyText(wrapped(`main#2:${textOf('main')}`))).toEqual({ keyId: 'main#2', bytes })
    expect(parseKeyText(`main#2:${wrapped(textOf('main'))}`)).toEqual({ keyId: 'main#2', bytes })
  })

  it('takes random keys in every spelling', () => {
    const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((key) => !isWeakKey(key))
    fc.assert(
      fc.property(keys, fc.constantFrom('base64url' as const, 'base64' as const, 'hex' as const), (key, encoding) => {
        expect(parseKeyText(Buffer.from(key).toString(encoding)).bytes.equals(key)).toBe(true)
      }),
    )
  })

  it('names a key without id after a fingerprint, always the same', () => {
    const { keyId } = parseKeyText(textOf('main'))
    expect(keyId).toBe('k-5y6v8oameRA#1')
    expect(parseKeyText(bytes.toString('hex')).keyId).toBe(keyId)
    expect(parseKeyText(textOf('other')).keyId).not.toBe(keyId)
  })

  it.each([
    ['nothing', ''],
    ['31 bytes', bytes.subarray(1).toString('base64url')],
    ['33 bytes', Buffer.concat([bytes, Buffer.alloc(1, 9)]).toString('base64url')],
    ['31 bytes in hex', bytes.subarray(1).toString('hex')],
    ['64 characters that are not hex', `${bytes.toString('hex').slice(1)}g`],
    ['a mixed alphabet', `-+${textOf('main').slice(2)}`],
    ['a mixed alphabet the other way', `_/${textOf('main').slice(2)}`],
    ['a space within', `${textOf('main').slice(0, 20)} ${textOf('main').slice(20)}`],
    ['a quote at one end', `"${textOf('main')}`],
    ['two different quotes', `"${textOf('main')}'`],
    ['two paddings', `${textOf('main')}==`],
    ['bits after the last byte', `${'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1'}v`],
    ['an empty id', `:${textOf('main')}`],
    ['an id without version', `main:${textOf('main')}`],
    ['an id of version 0', `main#0:${textOf('main')}`],
    ['an id with a space', `ma in#1:${textOf('main')}`],
  ])('[N13] refuses %s', async (_, text) => {
    expect((await errorOf(() => parseKeyText(text))).code).toBe('VAULT_CONFIG_INVALID')
  })

  it.each([
    'secret',
    'SECRET',
    'default-key',
    'change-me',
    'change-me-in-production',
    'changeme',
    'development-key-do-not-use',
    'password',
    'main#1:secret',
  ])('[N13] refuses the known default %s, and does not repeat it', async (text) => {
    const error = await errorOf(() => parseKeyText(text, { field: 'SECRETS_KEY' }))
    expect(error).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'SECRETS_KEY' })
    expect(error.message).toContain('known default')
  })

  it.each([
    ['main', 'put quotes around it: # begins a comment there'],
    ['main#', 'put quotes around it: # begins a comment there'],
    ['default', 'put quotes around it: # begins a comment there'],
    ['/run/secrets/vault_key', 'MCPVAULT_KEY_FILE'],
    ['./vault.key', 'MCPVAULT_KEY_FILE'],
    ['C:\\keys\\vault.key', 'MCPVAULT_KEY_FILE'],
    [`${textOf('main')}\\n`, 'backslash'],
    [`'${textOf('main')}`, 'quotes at both ends'],
    [`0x${bytes.toString('hex')}`, 'without 0x'],
    [`base64:${bytes.toString('base64')}`, 'or nothing before the key'],
    [`${textOf('main')},${textOf('other')}`, 'must be one key'],
    [bytes.subarray(1).toString('base64url'), 'Make one with generateKey()'],
  ])('says what it sees in %s, and does not repeat it', async (text, hint) => {
    const { code, message } = await errorOf(() => parseKeyText(text, { field: 'MCPVAULT_KEY' }))
    expect(code).toBe('VAULT_CONFIG_INVALID')
    expect(message).toMatch(/: MCPVAULT_KEY must /)
    expect(message).toContain(hint)
    expect(message).not.toContain(textOf('main').slice(0, 12))
    expect(message).not.toMatch(/vault_key|vault\.key/)
  })

  it('never repeats the text in an error', async () => {
    const canary = 'canary-7391-canary'
    const error = await errorOf(() => parseKeyText(canary))
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('7391')
  })
})
