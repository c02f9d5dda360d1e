// keyFromFile: keys from a file that nobody else can read.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { utf8Text, wipe } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type KeyMaterial, parseKeyText } from './key-text.ts'
import { holdKeys, localProvider } from './local-provider.ts'
import { invalidConfig } from './options.ts'

const maxFileBytes = 65_536

/**
 * Reads keys from a file, once, at this call: one key a line, the current one first, then older ones that still unwrap.
 * Empty lines and lines that begin with `#` are skipped. At most 64 KiB.
 *
 * Throws `VAULT_CONFIG_INVALID` when the file cannot be read, when its group or others have any permission on it, when
 * it belongs to neither this user nor root, and when a line is not a key. Windows has no such permissions: there the
 * directory has to protect it.
 *
 * @example
 * const keys = keyFromFile('/run/secrets/mcpvault-key')
 */
export function keyFromFile(path: string): KeyProvider {
  if (typeof path !== 'string') throw new TypeError('path must be a string')
  const [current, ...previous] = holdKeys(readKeyFile(path, 'path'), 'path')
  if (current === undefined) throw invalidConfig('path', 'must name a file with a key in it.')
  return localProvider({ id: 'file', current, previous })
}

/** The keys of a file, the current one first. `field` names in errors what gave the path. */
export function readKeyFile(path: string, field: string): readonly KeyMaterial[] {
  const lines = readPrivateText(path, field).split('\n')
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  return keys.map((line) => parseKeyText(line, { field }))
}

/** Whether a file is closed to every user but this one and root. Without a user id (Windows) there is nothing to check. */
export function isPrivate(file: { readonly mode: number; readonly uid: number }, userId: number | undefined): boolean {
  if (userId === undefined) return true
  return (file.mode & 0o077) === 0 && (file.uid === userId || file.uid === 0)
}

// The open file is checked, not its path, so that it cannot be exchanged in between. O_NONBLOCK: a pipe must not hang.
function readPrivateText(path: string, field: string): string {
  const file = openFile(path, field)
  try {
    const stat = fstatSync(file)
    if (!stat.isFile() || stat.size > maxFileBytes) throw invalidConfig(field, 'must name a file of at most 64 KiB.')
    if (!isPrivate(stat, process.getuid?.())) {
      throw invalidConfig(
        field,
        'must name a file that nobody else can use or owns. Make it mode 0600, owned by this user.',
      )
    }
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
