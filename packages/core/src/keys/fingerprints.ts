// What each key id stands for: the vault keeps the fingerprint of the first key of an id, and refuses every other one.
import { sameBytes, view } from '../bytes/index.ts'
import type { MetaStore } from '../contracts/index.ts'
import { fingerprintBytes } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { createProviderCall, type ProviderCallOptions } from './provider-call.ts'
import { singleFlight } from './single-flight.ts'

export interface KeyFingerprintsOptions extends ProviderCallOptions {
  readonly meta: MetaStore
}

/** The fingerprints of the keys that this process holds, beside those that the vault keeps. */
export interface KeyFingerprints {
  /** Compares every key that this process holds. Throws `VAULT_KEY_MISMATCH` with the key id of another key. */
  check(): Promise<void>
  /** Which of these key ids the vault is not known to keep. */
  unrecorded(keyIds: readonly string[]): readonly string[]
  /** Has the vault keep these key ids. Throws `VAULT_KEY_MISMATCH` when another process was first with another key. */
  record(keyIds: readonly string[]): Promise<void>
  /**
   * The fingerprint of a key that this process holds, or that the vault has ever wrapped under; empty for one of a key
   * service. Undefined when the key id is not known.
   */
  fingerprintOf(keyId: string): Promise<Uint8Array | undefined>
  /** When the vault first kept a key id, before its first wrap under it. Undefined when it never did. */
  firstSeenAt(keyId: string): Promise<Date | undefined>
  /** The error to report for a wrap that did not open: another key of its id may have been recorded since `check`. */
  explain(keyId: string, error: unknown): Promise<unknown>
}

export function createKeyFingerprints(options: KeyFingerprintsOptions): KeyFingerprints {
  const { provider, meta, clock } = options
  const call = createProviderCall(options)
  const recorded = new Set<string>()
  const recordings = singleFlight<void>()
  let held: ReadonlyMap<string, Uint8Array> | undefined

  async function ownFingerprints(): Promise<ReadonlyMap<string, Uint8Array>> {
    const fingerprints = provider.fingerprints?.bind(provider)
    held ??= fingerprints === undefined ? new Map() : checked(await call((callOptions) => fingerprints(callOptions)))
    return held
  }

  /** Remembers that a key id is kept, unless it is kept for another key. */
  async function compare(keyId: string, kept: Uint8Array | undefined): Promise<void> {
    if (kept === undefined) return
    const own = (await ownFingerprints()).get(keyId)
    // A key id of a key service is kept without a fingerprint.
    if (own !== undefined && kept.length > 0 && !sameBytes(own, kept)) throw mismatch(keyId)
    recorded.add(keyId)
  }

  async function recordOne(keyId: string): Promise<void> {
    const own = await ownFingerprints()
    // Concurrently, which saves a round trip. The time goes first where calls keep their order.
    const [, kept] = await Promise.all([
      meta.insertOnce(seenKey(keyId), instantBytes(clock.now())),
      meta.insertOnce(metaKey(keyId), own.get(keyId) ?? new Uint8Array()),
    ])
    await compare(keyId, kept)
  }

  return {
    async check() {
      const keyIds = [...(await ownFingerprints()).keys()]
      // Concurrently, so that the first operation of a process waits for one round trip.
      await Promise.all(keyIds.map(async (keyId) => compare(keyId, await meta.read(metaKey(keyId)))))
    },
    unrecorded: (keyIds) => keyIds.filter((keyId) => !recorded.has(keyId)),
    async record(keyIds) {
      // Many data keys of one rewrap come with the same new key id.
      for (const keyId of keyIds) await recordings.join(keyId, undefined, () => recordOne(keyId))
    },
    async firstSeenAt(keyId) {
      const kept = await meta.read(seenKey(keyId))
      return kept === undefined ? undefined : instantOf(kept)
    },
    async fingerprintOf(keyId) {
      return (await ownFingerprints()).get(keyId) ?? (await meta.read(metaKey(keyId)))
    },
    async explain(keyId, error) {
      if (!isVaultError(error, 'VAULT_OPEN_FAILED') || recorded.has(keyId)) return error
      if (!(await ownFingerprints()).has(keyId)) return error
      try {
        await compare(keyId, await meta.read(metaKey(keyId)))
      } catch (better) {
        return better
      }
      return error
    },
  }
}

/** Where the fingerprint of a key id stands. */
export function metaKey(keyId: string): string {
  return `kek/${keyId}`
}

/** Where the time stands at which a key id was first kept. */
export function seenKey(keyId: string): string {
  return `kek-seen/${keyId}`
}

function instantBytes(instant: Date): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(instant.getTime()))
  return bytes
}

/** Undefined for bytes that are no time, as somebody who writes the database may put there. */
function instantOf(bytes: Uint8Array): Date | undefined {
  if (bytes.length !== 8) return undefined
  const instant = new Date(Number(view(bytes).readBigUInt64BE()))
  return Number.isNaN(instant.getTime()) ? undefined : instant
}

function checked(fingerprints: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  for (const bytes of fingerprints.values()) {
    if (bytes.length === fingerprintBytes) continue
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'keys', detail: 'must give fingerprints of 8 bytes.' })
  }
  return fingerprints
}

function mismatch(keyId: string): VaultError {
  return new VaultError('VAULT_KEY_MISMATCH', { keyId })
}
