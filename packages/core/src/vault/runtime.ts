// What a vault's operations share, made at the first operation: vault id, keys, trail, what was seen, and counters.
import { randomBytes } from 'node:crypto'
import { type AuditTrail, openAuditTrail } from '../audit/index.ts'
import {
  type AuditEvent,
  type DataKeyScope,
  guardStore,
  type StoredDataKey,
  type VaultStore,
  vaultItself,
} from '../contracts/index.ts'
import { checkpointSeedOf } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { createDataKeys, createKeyFingerprints, type DataKey, type DataKeys, type StaleKey } from '../keys/index.ts'
import { type Cursors, createCursors } from './cursors.ts'
import type { VaultConfig } from './options.ts'
import { createPending, type Pending } from './pending.ts'
import { createSeen, type Seen } from './record/seen.ts'
import { createTurns, type Turns } from './record/turns.ts'
import { createUses, type Uses } from './record/uses.ts'
import { watchKeys } from './watch-keys.ts'

export interface Runtime {
  readonly config: VaultConfig
  readonly store: VaultStore
  readonly vaultId: Uint8Array
  readonly keys: DataKeys
  /** Absent when auditing is off. */
  readonly trail: AuditTrail | undefined
  readonly seen: Seen
  readonly uses: Uses
  readonly turns: Turns
  readonly cursors: Cursors
  /** The renewals that callers of this process have begun, by the id of the secret. They never reject. */
  readonly renewing: Map<string, Promise<void>>
  /** Ends listening to what other processes change. */
  readonly endWatch: () => void
}

/** The runtime of one vault: made once, shared by all sessions, and gone after `close`. */
export interface RuntimeHolder {
  readonly config: VaultConfig
  /** The runtime, at once when it is there. Throws `VAULT_CLOSED` after `close`. */
  get(): Runtime | Promise<Runtime>
  /** The operations under way. */
  readonly pending: Pending
  /** Waits for the operations under way, and ends those that take longer than a call to the store may, but for renewals. */
  close(): Promise<void>
}

/** The scope of the root key: the keys of the trail and of cursors are derived from it. */
export const auditScope: DataKeyScope = Object.freeze({ kind: 'audit', owner: '', server: '' })

export function createRuntimeHolder(config: VaultConfig): RuntimeHolder {
  let runtime: Runtime | undefined
  let opening: Promise<Runtime> | undefined
  let closing: Promise<void> | undefined
  let isEnded = false
  const pending = createPending(config.clock)

  async function close(): Promise<void> {
    await pending.ended(config.limits.storeMs)
    const opened = runtime ?? (await opening?.catch(() => undefined))
    // What a renewal has asked for is stored in any case; each of its steps has a limit of its own.
    await Promise.all(opened?.renewing.values() ?? [])
    try {
      // Concurrently, which saves a round trip. Writing counts of uses never rejects.
      await Promise.all([opened?.uses.flush(), opened?.trail?.close()])
    } finally {
      isEnded = true
      opened?.endWatch()
      opened?.keys.clear()
      // What was still under way has lost its store and its keys; the call that it waits for has a limit of its own.
      await pending.ended(config.limits.storeMs)
    }
  }

  return {
    config,
    pending,
    get() {
      if (closing !== undefined) throw new VaultError('VAULT_CLOSED')
      if (runtime !== undefined) return runtime
      opening ??= openRuntime(config, () => isEnded).then(
        (opened) => {
          runtime = opened
          return opened
        },
        // A store that is not ready yet may be ready at the next call.
        (error: unknown) => {
          opening = undefined
          throw error
        },
      )
      return opening
    },
    close() {
      if (closing !== undefined) return closing.catch(() => undefined)
      closing = close()
      return closing
    },
  }
}

async function openRuntime(config: VaultConfig, isEnded: () => boolean): Promise<Runtime> {
  const { clock, limits, logger } = config
  const store = guardStore({ store: config.store, clock, limitMs: limits.storeMs, isEnded })
  const access = { provider: config.keys, clock, limits: { unwraps: 20, callMs: limits.keysMs } }
  const fingerprints = createKeyFingerprints({ ...access, meta: store.meta })
  const [vaultId, rootRow] = await Promise.all([
    readVaultId(store),
    readRootRow(config, store),
    // Before anything is opened or written, so that a wrong key is known as one.
    fingerprints.check(),
  ])

  let trail: AuditTrail | undefined
  const beforeTrail: AuditEvent[] = []
  const keys = createDataKeys({
    ...access,
    store: store.dataKeys,
    vaultId,
    fingerprints,
    root: auditScope,
    limits: {
      ...access.limits,
      entries: limits.cachedKeys,
      softAgeMs: limits.keySoftAgeMs,
      hardAgeMs: limits.keyHardAgeMs,
    },
    onGenerated(key, scope) {
      const event = keyGenerated(key, scope)
      if (trail !== undefined) return trail.record(event)
      if (config.audit.mode !== 'dangerously-off') beforeTrail.push(event)
    },
    // The root of the trail is opened before there is a trail, and nothing is cached then.
    onServedStale: (served) => trail?.record(servedStale(served)),
  })
  trail = await openTrail({ config, vaultId, keys, rootRow })
  await trail?.record(beforeTrail)
  return {
    config,
    store,
    vaultId,
    keys,
    trail,
    seen: createSeen({ vaultId }),
    turns: createTurns(),
    renewing: new Map(),
    cursors: createCursors({ vaultId, root: async (signal) => (await keys.active(auditScope, { signal })).key }),
    uses: createUses({ store: store.secrets, clock, gatherMs: limits.touchMs, logger }),
    endWatch: watchKeys({ store, keys, logger }),
  }
}

async function readVaultId(store: VaultStore): Promise<Uint8Array> {
  const key = 'vault-id'
  const vaultId = (await store.meta.read(key)) ?? (await store.meta.insertOnce(key, randomBytes(16)))
  if (vaultId.length !== 16)
    throw new VaultError('VAULT_STORE_FAILED', { detail: 'The vault id is damaged.', retryable: false })
  return vaultId
}

/** The row of the audit trail's root key, read at the same time as the vault id; undefined before it is made. */
async function readRootRow({ audit }: VaultConfig, store: VaultStore): Promise<StoredDataKey | undefined> {
  return audit.mode === 'dangerously-off' ? undefined : store.dataKeys.active(auditScope)
}

async function openTrail(parts: {
  readonly config: VaultConfig
  readonly vaultId: Uint8Array
  readonly keys: DataKeys
  readonly rootRow: StoredDataKey | undefined
}): Promise<AuditTrail | undefined> {
  const { config, vaultId, keys, rootRow } = parts
  const { mode, sinks = [], onCheckpoint, onAlarm } = config.audit
  if (mode === 'dangerously-off') return undefined
  const ahead = rootRow && { row: rootRow, isCurrent: () => true }
  const root = (await keys.active(auditScope, { ahead })).key
  return openAuditTrail({
    root,
    checkpointSeed: checkpointSeedOf(root, vaultId),
    vaultId,
    // The plain store: the trail limits the time of each append itself.
    store: config.audit.store ? config.store : undefined,
    limits: { sinkTimeoutMs: config.limits.storeMs },
    sinks,
    mode,
    clock: config.clock,
    onCheckpoint,
    onAlarm,
  })
}

function keyGenerated(key: DataKey, scope: DataKeyScope): AuditEvent {
  return { action: 'key.generated', outcome: 'allowed', operation: 'generateKey', ...ofKey(key, scope) }
}

function servedStale({ key, scope, ageMs, error }: StaleKey): AuditEvent {
  const facts = { keyAgeMs: Math.floor(ageMs), ...(isVaultError(error) ? { errorCode: error.code } : {}) }
  return { action: 'key.served-stale', outcome: 'allowed', operation: 'refreshKey', ...ofKey(key, scope), ...facts }
}

function ofKey({ keyId }: DataKey, { owner, server }: DataKeyScope): Pick<AuditEvent, 'principal' | 'keyId'> {
  return { principal: vaultItself, keyId, ...(owner === '' ? {} : { owner, server }) }
}
