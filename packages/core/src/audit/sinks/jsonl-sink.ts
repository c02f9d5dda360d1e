// A sink that appends events to a file, one JSON object a line, safe on disk before it answers.
import type { FileHandle } from 'node:fs/promises'
import { encodeHex, view } from '../../bytes/index.ts'
import type { AuditRow, AuditSink } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'

/**
 * Appends each event to the file at `path`, which is made with mode 0600 at the first event. A line is the event's
 * exact body with one more field at its end: `"mac"`, in hex. After a failure lines can come twice.
 *
 * Writes reject with `VAULT_CONFIG_INVALID` when `path` is not a regular file, or one that others may read or write.
 */
export function jsonlSink({ path }: { readonly path: string }): AuditSink {
  let opening: Promise<FileHandle> | undefined
  let isBusy = false
  let mayEndInMidLine = false

  const append = async (rows: readonly AuditRow[]): Promise<void> => {
    opening ??= openPrivate(path).catch((error: unknown) => {
      opening = undefined
      throw error
    })
    const file = await opening
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
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw fileError('The audit file is not a regular file.')
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      throw fileError('The audit file may be read or written by others. Give it mode 0600.')
    }
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function fileError(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'path', detail })
}

/** The body is a JSON object with fields, so that its last byte is its closing brace. */
function line({ body, mac }: AuditRow): string {
  return `${view(body).toString('utf8', 0, body.length - 1)},"mac":"${encodeHex(mac)}"}\n`
}
