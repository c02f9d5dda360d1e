// Vaults that have lived, archives of them in memory, and sinks that fail, for the tests of backups.
import { operatorPrincipal, testPolicy } from '@mcpvault/testkit/vaults'
import type { ArchiveSink, ArchiveSource } from '../../src/backup/index.ts'
import { archiveTo } from '../../src/backup/index.ts'
import type { BackupReport, KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { createVault, type Vault } from '../../src/create-vault.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type Clock, systemClock } from '../../src/time/index.ts'

export const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

export function vaultOn(store: VaultStore, options: { keys?: KeyProvider; clock?: Clock } = {}): Vault {
  return createVault({ keys, store, policy: testPolicy, ...options })
}

/** A store whose vault has had versions, shares, a destroyed secret, an erased user and two processes. */
export async function livedIn(): Promise<VaultStore> {
  const store = memoryStore()
  for (const process of [1, 2]) {
    const vault = vaultOn(store)
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', `token ${process}`, { tags: ['ci'], description: 'of the build' })
    await alice.set('bytes', Uint8Array.of(1, 2, process))
    await alice.share('token', { with: 'bob', permission: 'read' })
    await alice.set(`gone ${process}`, 'gone')
    await alice.destroy(`gone ${process}`)
    await vault
      .as({ id: 'bob' })
      .scope()
      .set('own', { user: 'bob', password: `of ${process}` })
    await vault.as({ id: 'eve' }).scope().set('token', 'of eve')
    await vault.operator(operatorPrincipal).eraseOwner('eve', { trail: 'pseudonymise' })
    await alice.get('token')
    await vault.close()
  }
  return store
}

/** A sink that keeps what it gets, and its archive once it is whole. */
export interface MemorySink extends ArchiveSink {
  readonly state: 'open' | 'closed' | 'aborted'
  bytes(): Buffer
}

export function memorySink(): MemorySink {
  const parts: Uint8Array[] = []
  let state: MemorySink['state'] = 'open'
  return {
    get state() {
      return state
    },
    write(bytes) {
      parts.push(bytes)
    },
    close() {
      state = 'closed'
    },
    abort() {
      state = 'aborted'
    },
    bytes: () => Buffer.concat(parts),
  }
}

/** A sink that fails at a call. */
export function failingSink(failAt: 'write' | 'close', error = new Error('disk full')): MemorySink {
  const sink = memorySink()
  const fail = () => Promise.reject(error)
  return Object.assign(Object.create(sink), failAt === 'write' ? { write: fail } : { close: fail })
}

/** Bytes as a source, in pieces. */
export function sourceOf(bytes: Uint8Array, pieceBytes = 10_000): ArchiveSource {
  return async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
}

/** An archive of a store, made by an operator of its vault. */
export async function archived(
  store: VaultStore,
  options: { keys?: KeyProvider; clock?: Clock } = {},
): Promise<{ readonly bytes: Buffer; readonly report: BackupReport }> {
  const vault = vaultOn(store, { clock: systemClock, ...options })
  const sink = memorySink()
  const report = await vault.operator(operatorPrincipal).backup({ to: archiveTo(sink) })
  await vault.close()
  return { bytes: sink.bytes(), report }
}
