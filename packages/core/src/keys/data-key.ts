// A data key (DEK) in use, how it is asked for, and the limits that hold for all of them.
import type { KeyObject } from 'node:crypto'
import type { CallOptions, StoredDataKey } from '../contracts/index.ts'

/** A data key in use. The KeyObject shows its bytes to nobody but node:crypto. */
export interface DataKey {
  /** 32 hex digits. */
  readonly id: string
  /** The same, as the 16 bytes of an envelope. */
  readonly idBytes: Uint8Array
  readonly key: KeyObject
  /** The KEK that opened it, as `kekId#version`. */
  readonly keyId: string
}

/** How a key is asked for. */
export interface DataKeyRequest extends CallOptions {
  /** The oldest cached key that will do, in milliseconds; 0 asks the key provider every time. */
  readonly maxAgeMs?: number
  /** A row read ahead: when it is the one asked for, it is not looked up again. */
  readonly ahead?: RowAhead | undefined
}

/** The row of a data key that was read before it was known to be needed. */
export interface RowAhead {
  readonly row: StoredDataKey
  /** False once any key was forgotten since. */
  isCurrent(): boolean
}

/** Limits of the cache and of the calls to the provider. */
export interface DataKeyLimits {
  /** Cached keys. Default 1,000. */
  readonly entries: number
  /** Age in ms after which a key is unwrapped again before use, if its provider can be reached. Default 5 min. */
  readonly softAgeMs: number
  /** Age in ms after which a key is never used without its provider. Default 60 min. */
  readonly hardAgeMs: number
  /** Unwraps at a time. Default 20. */
  readonly unwraps: number
  /** Time limit of one call to the provider, and of the wait for other calls before it, in ms. */
  readonly callMs: number
}
