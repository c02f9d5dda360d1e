// The small parts of the memory store: values that are written once, and locks that expire by the clock.

import type { LockStore, MetaStore } from '../../contracts/index.ts'
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

export function memoryLocks(clock: Clock): LockStore {
  const locks = new Map<string, { readonly holder: string; readonly endsMs: number }>()
  const holderOf = (name: string): string | undefined => {
    const lock = locks.get(name)
    return lock !== undefined && clock.monotonicMs() < lock.endsMs ? lock.holder : undefined
  }
  const hold = (name: string, holder: string, ttlMs: number): true => {
    locks.set(name, { holder, endsMs: clock.monotonicMs() + ttlMs })
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
      if (locks.get(name)?.holder === holder) locks.delete(name)
    },
  }
}
