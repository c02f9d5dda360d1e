// The small parts of the memory store: values that are written once, and leases that expire by the clock.

import type { LeaseStore, MetaStore } from '../../contracts/index.ts'
import type { Clock } from '../../time/index.ts'
import { copyBytes } from './copy.ts'

export function memoryMeta(): MetaStore {
  const values = new Map<string, Uint8Array>()
  return {
    read(key) {
      const bytes = values.get(key)
      return bytes && copyBytes(bytes)
    },
    insertOnce(key, bytes) {
      const stored = values.get(key) ?? copyBytes(bytes)
      values.set(key, stored)
      return copyBytes(stored)
    },
  }
}

export function memoryLeases(clock: Clock): LeaseStore {
  const leases = new Map<string, { readonly holder: string; readonly endsMs: number }>()
  const holderOf = (name: string): string | undefined => {
    const lease = leases.get(name)
    return lease !== undefined && clock.monotonicMs() < lease.endsMs ? lease.holder : undefined
  }
  const hold = (name: string, holder: string, ttlMs: number): true => {
    leases.set(name, { holder, endsMs: clock.monotonicMs() + ttlMs })
    return true
  }
  return {
    acquire(name, holder, ttlMs) {
      const current = holderOf(name)
      return (current === undefined || current === holder) && hold(name, holder, ttlMs)
    },
    renew(name, holder, ttlMs) {
      return holderOf(name) === holder && hold(name, holder, ttlMs)
    },
    release(name, holder) {
      if (leases.get(name)?.holder === holder) leases.delete(name)
    },
  }
}
