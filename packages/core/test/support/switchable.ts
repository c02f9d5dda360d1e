// Parts that a test changes while a vault uses them: a store that can be broken and mended, a key that is replaced.
import type { KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'

/** A key provider whose current key changes while vaults use it. */
export function rotatingKeys(): { readonly provider: KeyProvider; readonly newRing: KeyProvider; rotate(): void } {
  const keys = { 'main#1': generateKey(), 'main#2': generateKey() }
  const rings = [keyRing({ current: 'main#1', keys }), keyRing({ current: 'main#2', keys })] as const
  let ring = rings[0]
  const provider: KeyProvider = {
    id: ring.id,
    currentKeyId: () => ring.currentKeyId(),
    wrap: (request, options) => ring.wrap(request, options),
    unwrap: (record, scope, options) => ring.unwrap(record, scope, options),
  }
  return {
    provider,
    newRing: keyRing({ current: 'main#2', keys: { 'main#2': keys['main#2'] } }),
    rotate() {
      ring = rings[1]
    },
  }
}

/** A store with faults that can be switched on and off while a vault uses it. */
export function gatedStore<T extends VaultStore>(
  plain: VaultStore,
  faulty: (store: VaultStore) => T,
): { readonly store: VaultStore; readonly broken: T; arm(): void; disarm(): void } {
  const broken = faulty(plain)
  let current: VaultStore = plain
  return {
    store: switching(plain, () => current),
    arm() {
      current = broken
    },
    disarm() {
      current = plain
    },
    broken,
  }
}

function switching(plain: VaultStore, current: () => VaultStore): VaultStore {
  const part = <T extends object>(fixed: T, now: () => T): T =>
    new Proxy(fixed, { get: (_, key) => Reflect.get(now(), key) })
  return {
    id: plain.id,
    supports: plain.supports,
    secrets: part(plain.secrets, () => current().secrets),
    dataKeys: part(plain.dataKeys, () => current().dataKeys),
    audit: part(plain.audit, () => current().audit),
    meta: part(plain.meta, () => current().meta),
    locks: part(plain.locks, () => current().locks),
  }
}
