// A store whose faults a test switches on and off while a vault uses it.
import type { VaultStore } from '@mcpvault/core'

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
