// A file as a sink: nothing stands under its name before the archive is whole and on disk.
import { constants } from 'node:fs'
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { requireText } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import type { ArchiveSink } from './sinks.ts'

/**
 * Writes an archive to a file that only its owner can read (mode 0600). It is written beside, as `<path>.partial`, and
 * gets its name when it is whole and on disk. Nothing is ever overwritten: `backup` reports a failed sink with
 * `VAULT_CONFLICT` when a file of either name exists. A `.partial` file is left by a process that was killed: remove it.
 *
 * @example
 * await vault.operator(olga).backup({ to: archiveTo(fileSink('backups/monday.mcvault')) })
 */
export function fileSink(path: string): ArchiveSink {
  requireText(path, 'path')
  const partial = `${path}.partial`
  let opening: Promise<FileHandle> | undefined

  function opened(): Promise<FileHandle> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
    opening ??= open(partial, flags, 0o600).catch(refuseExisting)
    return opening
  }

  return {
    async write(bytes) {
      const target = await opened()
      for (let at = 0; at < bytes.length; ) at += (await target.write(bytes, at)).bytesWritten
    },
    async close() {
      const target = await opened()
      await target.sync()
      await target.close()
      await giveName(partial, path)
      await syncFolder(dirname(path))
    },
    async abort() {
      // One that is still being opened is waited for, since it would stay otherwise.
      const file = await opening?.catch(() => undefined)
      if (file === undefined) return
      await file.close().catch(() => undefined)
      await rm(partial, { force: true })
    },
  }
}

/** A link never replaces what is there. Where a file system has none, the name is taken first, and then replaced. */
async function giveName(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path)
  } catch (error) {
    if (!linkless.includes(codeOf(error))) refuseExisting(error)
    await (await open(path, 'wx', 0o600).catch(refuseExisting)).close()
    return rename(partial, path)
  }
  await rm(partial)
}

const linkless = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** So that the name is on disk too, where a folder can be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  try {
    await folder?.sync().catch(() => undefined)
  } finally {
    await folder?.close()
  }
}

function refuseExisting(error: unknown): never {
  if (codeOf(error) !== 'EEXIST') throw error
  const detail = 'A file of this name exists, or one that a backup has left behind. Name another, or remove it.'
  throw new VaultError('VAULT_CONFLICT', { detail, retryable: false })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
