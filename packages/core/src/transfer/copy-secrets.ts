// Secrets, each with all versions, permissions and counters of use.
import { isDeepStrictEqual } from 'node:util'
import type { StoredSecret } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { mapConcurrent } from '../time/index.ts'
import { copyPage, copyPages, differs, itemsAtATime } from './copy-pages.ts'
import type { CopyRun } from './copy-run.ts'

export async function copySecrets(run: CopyRun): Promise<void> {
  const { from, options, step } = run
  const pages = copyPages<StoredSecret>(options, (last) =>
    from.secrets.list({ limit: copyPage, ...(last === undefined ? {} : { after: last }) }, options),
  )
  for await (const page of pages) {
    await mapConcurrent(page, { limit: itemsAtATime, signal: options.signal }, ({ ref }) => copySecret(run, ref))
    run.count('secrets', page.length)
  }
  if (step === 'verify') await refuseFurther(run)
}

async function copySecret({ from, to, step, options }: CopyRun, ref: StoredSecret['ref']): Promise<void> {
  const record = await from.secrets.find(ref, 'all', options)
  if (record === undefined) throw differs({ ref, detail: 'A secret was removed from the source while it was copied.' })
  if (record.isDamaged === true) {
    const detail = 'The source cannot read this record. Its owner can destroy it; then copy again.'
    throw new VaultError('VAULT_OPEN_FAILED', { ref, detail })
  }
  // Most targets are empty, so writing comes before looking.
  if (step === 'copy' && (await to.secrets.put(record, { ifRevision: 0, ...options }))) return
  const there = await to.secrets.find(ref, 'all', options)
  if (isSame(there, record)) return
  if (step === 'verify') throw differs({ ref, detail: 'A secret is not the same in the target.' })
  // Only an insert takes the counters of use, so a record that differs is removed and inserted again.
  if (there !== undefined) await to.secrets.remove(ref, { ifRevision: there.revision, ...options })
  const isWritten = await to.secrets.put(record, { ifRevision: 0, ...options })
  if (!isWritten) throw differs({ ref, detail: 'Somebody writes to the target.' })
}

/** Whether all fields hold the same; a Buffer and a Uint8Array of the same bytes do. */
function isSame(a: StoredSecret | undefined, b: StoredSecret): boolean {
  return a !== undefined && isDeepStrictEqual(plain(a), plain(b))
}

function plain({ ref, mac, managed, versions, ...rest }: StoredSecret): unknown {
  const { owner, server, name } = ref
  const bytes = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString('base64')
  return {
    ...rest,
    tags: [...rest.tags],
    grants: rest.grants.map((grant) => ({ ...grant })),
    ref: { owner, server, name },
    mac: bytes(mac),
    managed: bytes(managed),
    versions: versions.map(({ commitment, envelope, ...version }) => ({
      ...version,
      commitment: bytes(commitment),
      envelope: bytes(envelope),
    })),
  }
}

/** Throws for a secret that only the target has: it was there before, or somebody writes. */
async function refuseFurther({ from, to, options }: CopyRun): Promise<void> {
  const pages = copyPages<StoredSecret>(options, (last) =>
    to.secrets.list({ limit: copyPage, ...(last === undefined ? {} : { after: last }) }, options),
  )
  for await (const page of pages) {
    await mapConcurrent(page, { limit: itemsAtATime, signal: options.signal }, async ({ ref }) => {
      if ((await from.secrets.find(ref, 'current', options)) === undefined)
        throw differs({ ref, detail: 'The target has a secret that the source has not.' })
    })
  }
}
