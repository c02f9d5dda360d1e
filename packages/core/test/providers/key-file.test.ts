// keyFromFile: what a file may look like, and who may be able to read it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { keyFromFile, keyRing } from '../../src/providers/index.ts'
import { isChangedByOwnerOnly, isPrivate } from '../../src/providers/key-file.ts'
import { around, currentOf, errorOf, keyOf, passes, textOf } from './fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'mcpvault-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function fileOf(content: string | Uint8Array, mode = 0o600): string {
  files += 1
  const path = join(folder, `keys-${files}`)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const ring = keyRing({ current: 'main#1', keys: { 'main#1': keyOf('one') } })

describe('keyFromFile', () => {
  it('takes the first line as the current key and the others as older ones', async () => {
    const provider = keyFromFile(fileOf(`# master keys\n\n  main#2:${textOf('two')}\r\nmain#1:${textOf('one')}\n`))
    expect(provider.id).toBe('file')
    expect(await currentOf(provider)).toBe('main#2')
    expect(await passes(provider)).toBe(true)
    expect(await passes(ring, provider)).toBe(true)
  })

  it.each(around)('takes keys with %s around them', async (_, wrapped) => {
    const provider = keyFromFile(fileOf(`${wrapped(`main#2:${textOf('two')}`)}\n${wrapped(textOf('one'))}`))
    expect(await currentOf(provider)).toBe('main#2')
    expect(await passes(ring, provider)).toBe(true)
  })

  it.each([0o600, 0o400, 0o700])('takes mode %o', async (mode) => {
    expect(await passes(keyFromFile(fileOf(textOf('one'), mode)))).toBe(true)
  })

  it.each([0o604, 0o602, 0o620, 0o601, 0o610, 0o644, 0o444, 0o777])('refuses mode %o', async (mode) => {
    const error = await errorOf(() => keyFromFile(fileOf(textOf('one'), mode)))
    expect(error).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'path' })
  })

  // Root alone can make a file of root; any other user sees that its own file is refused.
  it.each([0o640, 0o440])('takes mode %o of root, and of no other user', async (mode) => {
    const path = fileOf(textOf('one'), mode)
    const outcome = await Promise.resolve(path)
      .then((each) => passes(keyFromFile(each)))
      .catch((error: unknown) => Object(error).code)
    expect(outcome).toBe(process.getuid?.() === 0 ? true : 'VAULT_CONFIG_INVALID')
  })

  it('says how a file that others can read is taken', async () => {
    const { message } = await errorOf(() => keyFromFile(fileOf(textOf('one'), 0o644)))
    expect(message).toContain('allowReadableByOthers')
  })

  it.each([0o444, 0o644, 0o604, 0o440, 0o600])('takes mode %o where others may read', async (mode) => {
    const path = fileOf(textOf('one'), mode)
    const linked = `${path}-link`
    symlinkSync(path, linked)
    expect(await passes(keyFromFile(path, { allowReadableByOthers: true }))).toBe(true)
    expect(await passes(keyFromFile(linked, { allowReadableByOthers: true }))).toBe(true)
  })

  it.each([0o622, 0o602, 0o620, 0o666, 0o777])('refuses mode %o also where others may read', async (mode) => {
    const error = await errorOf(() => keyFromFile(fileOf(textOf('one'), mode), { allowReadableByOthers: true }))
    expect(error).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'path' })
    expect(error.message).toContain('cannot write')
  })

  it('refuses other options, and an option of another type', async () => {
    const path = fileOf(textOf('one'))
    for (const [options, field] of [
      [{ allowReadableByOthers: 'yes' }, 'allowReadableByOthers'],
      [{ allowReadable: true }, 'allowReadable'],
    ] as const)
      expect(await errorOf(() => Reflect.apply(keyFromFile, undefined, [path, options]))).toMatchObject({
        code: 'VAULT_CONFIG_INVALID',
        field,
      })
  })

  it('checks the file that a link leads to', async () => {
    const [open, closed] = [join(folder, 'open-link'), join(folder, 'closed-link')]
    symlinkSync(fileOf(textOf('one'), 0o644), open)
    symlinkSync(fileOf(textOf('one')), closed)
    expect((await errorOf(() => keyFromFile(open))).code).toBe('VAULT_CONFIG_INVALID')
    expect(await passes(keyFromFile(closed))).toBe(true)
  })

  it.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['comments only', '# none\n\n'],
    ['a line that is no key', `${textOf('one')}\nhello\n`],
    ['a weak key', 'secret\n'],
    ['UTF-16, as some shells write it', Buffer.from(`\uFEFF${textOf('one')}\r\n`, 'utf16le')],
    ['the bytes of a key', keyOf('one')],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe])],
    ['two keys of one id', `main#1:${textOf('one')}\nmain#1:${textOf('two')}\n`],
    ['more than 64 KiB', `${textOf('one')}\n#${'x'.repeat(65_536)}`],
  ])('refuses a file with %s', async (_, content) => {
    expect(await errorOf(() => keyFromFile(fileOf(content)))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'path',
    })
  })

  it('takes exactly 64 KiB, and one key twice', async () => {
    const lines = `${textOf('one')}\n${textOf('one')}\n#`
    expect(await passes(keyFromFile(fileOf(lines + 'x'.repeat(65_536 - lines.length))))).toBe(true)
  })

  it('refuses a folder, a missing file and a path of another type', async () => {
    const inner = join(folder, 'inner')
    mkdirSync(inner, { mode: 0o700 })
    const folderError = await errorOf(() => keyFromFile(inner))
    expect(folderError).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'path' })
    expect(folderError.message).toContain('names a folder')
    const missing = await errorOf(() => keyFromFile(join(folder, 'missing')))
    expect(missing).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'path', cause: { code: 'ENOENT' } })
    expect(() => Reflect.apply(keyFromFile, undefined, [1])).toThrow(TypeError)
  })
})

describe('a file of mode and user', () => {
  it.each([
    [0o600, 1000, 1000, true],
    [0o400, 1000, 1000, true],
    [0o640, 1000, 1000, false],
    [0o604, 1000, 1000, false],
    [0o600, 0, 1000, true],
    [0o640, 0, 1000, true],
    [0o440, 0, 1000, true],
    [0o440, 0, 0, true],
    [0o660, 0, 1000, false],
    [0o650, 0, 1000, false],
    [0o444, 0, 1000, false],
    [0o444, 0, 0, false],
    [0o600, 1001, 1000, false],
    [0o440, 1001, 1000, false],
    [0o600, 1000, 0, false],
    [0o644, 1001, undefined, true],
  ])('%o of user %s, is private to user %s: %s', (mode, uid, userId, expected) => {
    expect(isPrivate({ mode, uid, userId })).toBe(expected)
  })

  it.each([
    [0o644, 1000, true],
    [0o444, 1000, true],
    [0o664, 1000, false],
    [0o646, 1000, false],
    [0o666, undefined, true],
  ])('%o, for user %s, is changed by its owner only: %s', (mode, userId, expected) => {
    expect(isChangedByOwnerOnly({ mode, uid: 1001, userId })).toBe(expected)
  })
})
