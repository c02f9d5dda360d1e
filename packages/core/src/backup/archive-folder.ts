// Files of archives: one as a source, and a folder of them as a place that can be pruned.
import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { requireObject, requireText } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { byteReader } from './byte-reader.ts'
import { type ArchiveSource, readHeader } from './open-archive.ts'
import { verifyBackup } from './verify-backup.ts'

/** An archive in a folder. */
export interface FiledArchive {
  readonly id: string
  readonly createdAt: Date
  readonly path: string
}

/** A folder of archives, for `pruneBackups`. */
export interface ArchiveFolder {
  list(): Promise<readonly FiledArchive[]>
  remove(id: string): Promise<void>
  verify(id: string): Promise<boolean>
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
 * The archives in a folder: the files whose names end in `.mcvault`. Files that are no archives are left alone. The
 * newest archive is read from begin to end with `keys` before older ones are removed.
 *
 * @example
 * await vault.operator(olga).pruneBackups({ places: [archiveFolder('backups', { keys })] })
 */
export function archiveFolder(folder: string, options: { readonly keys: KeyProvider }): ArchiveFolder {
  requireText(folder, 'folder')
  requireObject(options, 'options')
  const { keys } = options

  async function list(): Promise<readonly FiledArchive[]> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort()
    if (names.length > maxFiles)
      throw new VaultError('VAULT_CONFIG_INVALID', { field: 'folder', detail: 'must hold at most 100,000 archives.' })
    const archives: FiledArchive[] = []
    for (const name of names) {
      const archive = await filed(join(folder, name))
      if (archive !== undefined) archives.push(archive)
    }
    return archives
  }

  const pathsOf = async (id: string): Promise<readonly string[]> =>
    (await list()).filter((archive) => archive.id === id).map(({ path }) => path)

  return {
    list,
    async remove(id) {
      for (const path of await pathsOf(id)) await rm(path)
    },
    async verify(id) {
      const [path] = await pathsOf(id)
      return path !== undefined && (await verifyBackup({ from: fileSource(path), keys })).ok
    },
  }
}

/** What a file says of itself, or undefined when it is no archive. */
async function filed(path: string): Promise<FiledArchive | undefined> {
  const reader = byteReader(createReadStream(path))
  try {
    const { header } = await readHeader(reader)
    return { id: header.id, createdAt: header.createdAt, path }
  } catch (error) {
    if (isVaultError(error)) return undefined
    throw error
  } finally {
    await reader.end()
  }
}
