// A sink that appends events to a file, one JSON object a line, safe on disk before it answers.
import type { FileHandle } from 'node:fs/promises'
import { encodeHex, view } from '../../bytes/index.ts'
import type { AuditRow, AuditSink } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'

/**
 * Appends each event to the file at `path`, which is made with mode 0600 at the first event. A line is the event's
 * exact body with one more field at its end: `"mac"`, in hex. After a failure lines can come twice. A file that was
 * renamed or removed meanwhile is left, and a new one is made: logs may be rotated.
 *
 * Writes reject with `VAULT_CONFIG_INVALID` when `path` is a link, not a regular file, or one that others may read or
 * write. The mode is looked at before each batch.
 */
export function jsonlSink({ path }: { readonly path: string }): AuditSink {
  let opening: Promise<FileHandle> | undefined
  let isBusy = false
  let mayEndInMidLine = false

  const openFile = async (): Promise<FileHandle> => {
    if (opening !== undefined && !(await isStillThere(await opening, path))) {
      const left = await opening
      opening = undefined
      mayEndInMidLine = false
      await left.close()
    }
    opening ??= openPrivate(path).catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }

  const append = async (rows: readonly AuditRow[]): Promise<void> => {
    const file = await openFile()
    const lines = rows.map(line).join('')
    const text = mayEndInMidLine ? `\n${lines}` : lines
    mayEndInMidLine = true
    await file.appendFile(text)
    await file.datasync()
    mayEndInMidLine = false
  }

  return {
    id: 'jsonl',
    durable: true,
    async write(rows) {
      // A batch that timed out may still be on its way; lines of two batches must not mix.
      if (isBusy) throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'The file is busy with the batch before.' })
      isBusy = true
      try {
        await append(rows)
      } finally {
        isBusy = false
      }
    },
    async close() {
      const file = await opening
      await file?.close()
    },
  }
}

async function openPrivate(path: string): Promise<FileHandle> {
  // Imported here, since most vaults write no such file and every one would wait for the import.
  const { constants, open } = await import('node:fs/promises')
  // Windows has neither links to refuse here nor modes to check.
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600).catch((error: unknown) => {
    throw isLink(error) ? fileError('The audit file is a link. Give the path of the file itself.') : error
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw fileError('The audit file is not a regular file.')
    requirePrivate(stat)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Whether the open file is the one at its path. What goes into a file that was removed is lost. */
async function isStillThere(file: FileHandle, path: string): Promise<boolean> {
  const { lstat } = await import('node:fs/promises')
  const there = await lstat(path, { bigint: true }).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
  const { dev, ino, mode } = await file.stat({ bigint: true })
  if (there?.dev !== dev || there.ino !== ino) return false
  requirePrivate({ mode: Number(mode) })
  return true
}

function requirePrivate({ mode }: { readonly mode: number }): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  throw fileError('The audit file may be read or written by others. Give it mode 0600.')
}

/** ELOOP on most systems; some have a code of their own. */
function isLink(error: unknown): boolean {
  return hasCode(error, 'ELOOP') || hasCode(error, 'EMLINK')
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function fileError(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'path', detail })
}

/** The body is a JSON object with fields, so that its last byte is its closing brace. */
function line({ body, mac }: AuditRow): string {
  return `${view(body).toString('utf8', 0, body.length - 1)},"mac":"${encodeHex(mac)}"}\n`
}
