// keyFromFile: keys from a file that others cannot change, and cannot read either unless that is allowed.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { utf8Text, wipe } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type KeyMaterial, parseKeyText } from './key-text.ts'
import { holdKeys, localProvider } from './local-provider.ts'
import { checkOptions, invalidConfig } from './options.ts'

const maxFileBytes = 65_536

/** Which files are taken. */
export interface KeyFileOptions {
  /**
   * Takes a file that its group or others can read, and one that belongs to another user, for mounts whose mode cannot be
   * chosen. Anyone who can read it has the key. A file that its group or others can write is refused all the same. Default
   * false.
   */
  readonly allowReadableByOthers?: boolean
}

/**
 * Reads keys from a file, once, at this call: one key a line, the current one first, then older ones that still unwrap.
 * Empty lines and lines that begin with `#` are skipped. At most 64 KiB.
 *
 * Throws `VAULT_CONFIG_INVALID` when the file cannot be read, when a line is not a key, and when others can use the file:
 * it has to be mode 0600 or less and belong to this user, or mode 0640 or less and belong to root. Windows has no such
 * permissions: there the directory has to protect it.
 *
 * @example
 * const keys = keyFromFile('/run/secrets/mcpvault-key')
 */
export function keyFromFile(path: string, options: KeyFileOptions = {}): KeyProvider {
  if (typeof path !== 'string') throw new TypeError('path must be a string')
  const { allowReadableByOthers } = checkOptions(options, ['allowReadableByOthers'])
  const [current, ...previous] = holdKeys(readKeyFile(path, { field: 'path', allowReadableByOthers }), 'path')
  if (current === undefined) throw invalidConfig('path', 'must name a file with a key in it.')
  return localProvider({ id: 'file', current, previous })
}

interface KeyFileSource {
  /** What gave the path, for errors. */
  readonly field: string
  readonly allowReadableByOthers: boolean | undefined
}

/** The keys of a file, the current one first. */
export function readKeyFile(path: string, source: KeyFileSource): readonly KeyMaterial[] {
  const { field, allowReadableByOthers: allowed } = source
  if (allowed !== undefined && typeof allowed !== 'boolean')
    throw invalidConfig('allowReadableByOthers', 'must be a boolean.')
  const lines = readFileText(path, source).split('\n')
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  return keys.map((line) => parseKeyText(line, { field }))
}

/** What the permissions of a file are judged by. */
export interface FileAccess {
  readonly mode: number
  readonly uid: number
  /** This user. Windows has no user ids, and nothing to check. */
  readonly userId: number | undefined
}

/** Whether only this user and root can use a file, and the group that root gave it to can at most read it. */
export function isPrivate({ mode, uid, userId }: FileAccess): boolean {
  if (userId === undefined) return true
  return uid === 0 ? (mode & 0o037) === 0 : uid === userId && (mode & 0o077) === 0
}

/** Whether nobody but its owner and root can change a file. */
export function isChangedByOwnerOnly({ mode, userId }: FileAccess): boolean {
  return userId === undefined || (mode & 0o022) === 0
}

function checkAccess(access: FileAccess, { field, allowReadableByOthers = false }: KeyFileSource): void {
  if (!isChangedByOwnerOnly(access))
    throw invalidConfig(field, 'must name a file that its group and others cannot write.')
  if (allowReadableByOthers || isPrivate(access)) return
  throw invalidConfig(
    field,
    'must name a file that nobody else can use or owns. Make it mode 0600, owned by this user, or mode 0640, owned by ' +
      'root. Where the mode cannot be chosen, set allowReadableByOthers.',
  )
}

// The open file is checked, not its path, so that it cannot be exchanged in between. O_NONBLOCK: a pipe must not hang.
function readFileText(path: string, source: KeyFileSource): string {
  const { field } = source
  const file = openFile(path, field)
  try {
    const stat = fstatSync(file)
    if (stat.isDirectory())
      throw invalidConfig(
        field,
        'must name a file, and names a folder. Docker makes one where the file to mount is missing.',
      )
    if (!stat.isFile() || stat.size > maxFileBytes) throw invalidConfig(field, 'must name a file of at most 64 KiB.')
    checkAccess({ mode: stat.mode, uid: stat.uid, userId: process.getuid?.() }, source)
    const bytes = readFileSync(file)
    const text = utf8Text(bytes)
    wipe(bytes)
    if (text === undefined)
      throw invalidConfig(field, 'must name a file of UTF-8 text, with keys in base64url, base64 or hex.')
    return text
  } finally {
    closeSync(file)
  }
}

function openFile(path: string, field: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw new VaultError('VAULT_CONFIG_INVALID', { field, detail: 'must name a file that can be opened.', cause })
  }
}
