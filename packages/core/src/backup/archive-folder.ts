// Files of archives: one as a source, and a folder of them as a place that can be pruned.
import { createReadStream } from 'node:fs'
import { lstat, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeHex, requireObject, requireText } from '../bytes/index.ts'
import type { CallOptions, KeyProvider } from '../contracts/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { byteReader } from './byte-reader.ts'
import { type ArchiveSource, readHeader } from './open-archive.ts'
import { verifyBackup } from './verify-backup.ts'

/** An archive in a folder. */
export interface FiledArchive {
  readonly id: string
  readonly createdAt: Date
  /** 32 hex digits: the vault that it is of. Others may have their archives in the same folder. */
  readonly vaultId: string
  readonly path: string
}

/** A folder of archives, for `pruneBackups`. */
export interface ArchiveFolder {
  list(options?: CallOptions): Promise<readonly FiledArchive[]>
  /** Removes each file of an archive. Throws `VAULT_CONFLICT` when one of them is a link. */
  remove(id: string, options?: CallOptions): Promise<void>
  /** Whether one of its files verifies. */
  verify(id: string, options?: CallOptions): Promise<boolean>
}

/** The ending of the files of archives. */
const ending = '.mcvault'
const readAtOnceBytes = 262_144
const maxFiles = 100_000

/**
 * Reads an archive from a file, as often as it is asked for.
 *
 * @example
 * await verifyBackup({ from: fileSource('backups/monday.mcvault'), keys })
 */
export function fileSource(path: string): ArchiveSource {
  requireText(path, 'path')
  return () => createReadStream(path, { highWaterMark: readAtOnceBytes })
}

/**
 * The archives in a folder: the files whose names end in `.mcvault`. Files that are no archives are left alone, and so is
 * everything that is no file. The newest archive is read from begin to end with `keys` before older ones are removed.
 *
 * @example
 * await vault.operator(olga).pruneBackups({ places: [archiveFolder('backups', { keys })] })
 */
export function archiveFolder(folder: string, options: { readonly keys: KeyProvider }): ArchiveFolder {
  requireText(folder, 'folder')
  requireObject(options, 'options')
  const { keys } = options
  let last: readonly FiledArchive[] = []

  async function list({ signal }: CallOptions = {}): Promise<readonly FiledArchive[]> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort()
    if (names.length > maxFiles)
      throw new VaultError('VAULT_CONFIG_INVALID', { field: 'folder', detail: 'must hold at most 100,000 archives.' })
    const archives: FiledArchive[] = []
    for (const name of names) {
      signal?.throwIfAborted()
      const archive = await filed(join(folder, name))
      if (archive !== undefined) archives.push(archive)
    }
    last = archives
    return archives
  }

  /**
   * The files of an archive, which may have been copied within the folder. Those of the last list are looked at again, since
   * reading the whole folder for each archive would take as long as there are archives, squared.
   */
  async function pathsOf(id: string, call: CallOptions): Promise<readonly string[]> {
    const listed = last.filter((archive) => archive.id === id)
    const found = listed.length > 0 ? listed : (await list(call)).filter((archive) => archive.id === id)
    const paths: string[] = []
    for (const { path } of found) if ((await filed(path))?.id === id) paths.push(path)
    return paths
  }

  return {
    list,
    async remove(id, call = {}) {
      for (const path of await pathsOf(id, call)) await removeFile(path)
    },
    async verify(id, { signal } = {}) {
      for (const path of await pathsOf(id, { signal })) {
        const from = fileSource(path)
        if (await isWhole(() => verifyBackup({ from, keys, signal }))) return true
      }
      return false
    },
  }
}

/** What a file says of itself, or undefined when it is no archive, or gone by now. */
async function filed(path: string): Promise<FiledArchive | undefined> {
  // A pipe or a device would be waited for.
  if (!(await isFile(path))) return undefined
  const reader = byteReader(createReadStream(path))
  try {
    const { header } = await readHeader(reader)
    return { id: header.id, createdAt: header.createdAt, vaultId: encodeHex(header.vaultId), path }
  } catch (error) {
    if (isVaultError(error) || isGone(error)) return undefined
    throw error
  } finally {
    await reader.end()
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

/** What a link leads to may be anywhere, and would stay although the vault forgets it. */
async function removeFile(path: string): Promise<void> {
  if ((await lstat(path)).isSymbolicLink()) {
    const detail = 'The archive is a symbolic link. Remove it and the file that it leads to yourself.'
    throw new VaultError('VAULT_CONFLICT', { detail, retryable: false })
  }
  await rm(path)
}

/** Throws what says nothing of the archive, such as a key service that does not answer. */
async function isWhole(verify: () => Promise<{ readonly ok: boolean }>): Promise<boolean> {
  try {
    return (await verify()).ok
  } catch (error) {
    if (isVaultError(error) && !error.retryable) return false
    throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
