// Stores whose transactions, signals, notices and declarations are broken on purpose.
import type { AuditRow, VaultStore } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { type BrokenStore, withSecrets } from './breaking.ts'

/** Of the one store below whose handles share it. */
let hasListenerFailed = false

export const brokenTransactionStores: readonly BrokenStore[] = [
  broken('audit rows go with their secret', 'audit.append: rows stay when their secret goes', (store) => {
    const gone = new Set<string>()
    return {
      ...withSecrets(store, (s) => ({
        remove(ref, options) {
          gone.add(ref.owner)
          return s.remove(ref, options)
        },
      })),
      audit: {
        ...store.audit,
        query: async (filter, options) =>
          (await store.audit.query(filter, options)).filter(({ columns }) => !gone.has(columns.owner ?? '')),
      },
    }
  }),
  ...(['a put that loses writes no audit row', 'a removal that loses writes no audit row'] as const).map((caught) =>
    broken(`audit rows first (${caught})`, `transactions: ${caught}`, auditFirst),
  ),
  ...(['an insert', 'an update', 'a removal'] as const).flatMap((write) => [
    broken(`audit rows of ${write} are lost`, `transactions: ${write} and its audit rows are both there`, (store) =>
      withSecrets(store, (s) => ({
        put: (record, { ifRevision }) => s.put(record, { ifRevision }),
        remove: (ref, { ifRevision }) => s.remove(ref, { ifRevision }),
      })),
    ),
    broken(
      `${write} lands though its rows fork`,
      `transactions: ${write} whose audit rows fork fails and ${write === 'a removal' ? 'removes' : 'writes'} nothing`,
      auditLast,
    ),
  ]),
  broken('a fork is not an error', 'transactions: an insert whose audit rows fork fails and writes nothing', (store) =>
    withSecrets(store, (s) => ({
      put: async (record, options) => (async () => s.put(record, options))().catch(() => false),
    })),
  ),
  broken(
    'a fork has a code of its own',
    'transactions: an insert whose audit rows fork fails and writes nothing',
    (store) =>
      withSecrets(store, (s) => ({
        put: async (record, options) =>
          (async () => s.put(record, options))().catch(() => {
            throw new VaultError('VAULT_CONFLICT')
          }),
      })),
  ),
  broken(
    'rows that are there stop a write',
    'transactions: audit rows that are there already do not stop a write',
    (store) =>
      withSecrets(store, (s) => ({
        async put(record, options) {
          for (const { stream } of options.audit ?? []) {
            if ((await store.audit.readStream(stream, { limit: 1, afterSequence: -1 })).length > 0) return false
          }
          return s.put(record, options)
        },
      })),
  ),
  broken(
    'waits do not end by signal',
    'signals: a call that has to wait rejects with the reason of an aborted signal',
    (store) => withSecrets(store, (s) => ({ find: async (ref, versions) => s.find(ref, versions) })),
  ),
  broken(
    'waits end by another reason',
    'signals: a call that has to wait rejects with the reason of an aborted signal',
    (store) =>
      withSecrets(store, () => ({
        find: async () => {
          throw new Error('aborted')
        },
      })),
  ),
  broken('every signal ends a wait', 'signals: a signal that is not aborted changes nothing', (store) =>
    withSecrets(store, (s) => ({
      find: (ref, versions, options) => (options?.signal === undefined ? s.find(ref, versions) : undefined),
    })),
  ),
  broken(
    'watching never ends',
    'watch: tells the scope of each data key that another handle replaced or removed, until it is ended',
    (store) => ({
      ...store,
      watch(listener) {
        store.watch?.(listener)
        return () => undefined
      },
    }),
  ),
  broken(
    'watching gives the data keys of another scope',
    'watch: tells the scope of each data key that another handle replaced or removed, until it is ended',
    (store) => ({
      ...store,
      watch: (listener) =>
        store.watch?.((change) =>
          listener(change.kind === 'dataKey' ? { ...change, scope: { ...change.scope, server: 'other' } } : change),
        ) ?? (() => undefined),
    }),
  ),
  broken(
    'a listener that throws stops the writes of every handle',
    'watch: goes on after a listener that throws, and after one that rejects',
    (store) => ({
      ...store,
      dataKeys: {
        ...store.dataKeys,
        replace: (row, options) => !hasListenerFailed && store.dataKeys.replace(row, options),
      },
      watch: (listener) =>
        store.watch?.((change) => {
          try {
            listener(change)
          } catch {
            hasListenerFailed = true
          }
        }) ?? (() => undefined),
    }),
  ),
  broken('a new store is not empty', 'factory: a new store is empty', (store) => ({
    ...store,
    locks: { ...store.locks, acquire: () => false },
  })),
  broken('watch is not declared', 'factory: the store says what it can do', (store) => ({
    ...store,
    supports: { ...store.supports, watch: false },
  })),
]

function broken(what: string, caught: string, wrap: (store: VaultStore) => VaultStore): BrokenStore {
  return { broken: what, caught, wrap }
}

function auditFirst(store: VaultStore): VaultStore {
  return withSecrets(store, (s) => ({
    async put(record, { ifRevision, audit = [] }) {
      await store.audit.append(audit)
      return s.put(record, { ifRevision })
    },
    async remove(ref, { ifRevision, audit = [] }) {
      await store.audit.append(audit)
      return s.remove(ref, { ifRevision })
    },
  }))
}

function auditLast(store: VaultStore): VaultStore {
  const append = async (audit: readonly AuditRow[] = []): Promise<void> => {
    if ((await store.audit.append(audit)) === 'stored') return
    throw new VaultError('VAULT_STORE_FAILED', { retryable: false })
  }
  return withSecrets(store, (s) => ({
    async put(record, { ifRevision, audit }) {
      const isWritten = await s.put(record, { ifRevision })
      if (isWritten) await append(audit)
      return isWritten
    },
    async remove(ref, { ifRevision, audit }) {
      const isRemoved = await s.remove(ref, { ifRevision })
      if (isRemoved) await append(audit)
      return isRemoved
    },
  }))
}
