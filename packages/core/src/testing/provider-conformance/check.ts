// Data keys for the cases, and the steps that many cases share.
import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { sameBytes } from '../../bytes/index.ts'
import type { Awaitable, KeyProvider, KeyScope, WrapRequest } from '../../contracts/index.ts'
import { keyCheckValue, type ParsedWrappedKey, parseWrappedKey } from '../../envelope/index.ts'
import { isVaultError, type VaultErrorCode } from '../../errors/index.ts'
import { keyError } from '../../keys/index.ts'
import { sampleBytes } from '../conformance/samples.ts'
import type { ProviderUnderTest } from './case.ts'

export function sampleKeyScope(part: Partial<KeyScope> = {}): KeyScope {
  const vaultId = sampleBytes('vault').subarray(0, 16)
  return { vaultId, kind: 'values', server: 'github', owner: 'alice', ...part }
}

/** A data key that depends on `label` alone, in memory of its own. */
export function sampleRequest(label = 'data key', scope = sampleKeyScope()): WrapRequest {
  return { dek: sampleBytes(label), dekId: sampleBytes(`id of ${label}`).subarray(0, 16), scope }
}

/** The wraps of a data key: one to eight well-formed records. */
export async function wrapsOf(provider: KeyProvider, request = sampleRequest()): Promise<readonly Uint8Array[]> {
  const wraps = await provider.wrap(request)
  assertCount(wraps)
  return wraps
}

export function assertCount(wraps: readonly Uint8Array[]): void {
  assert.ok(wraps.length >= 1 && wraps.length <= 8, `there must be 1 to 8 wraps, and there are ${wraps.length}`)
}

/** What a record says of itself. */
export function parsed(record: Uint8Array): ParsedWrappedKey {
  try {
    return parseWrappedKey(record)
  } catch {
    return assert.fail('a wrap is no MCK1 record')
  }
}

/** Every record names this data key. */
export function assertNames(wraps: readonly Uint8Array[], { dek, dekId }: Omit<WrapRequest, 'scope'>): void {
  assertCount(wraps)
  for (const record of wraps) {
    const { dekIdBytes, keyCheckValue: check } = parsed(record)
    assert.ok(sameBytes(dekIdBytes, dekId), 'a record names another data key')
    assert.ok(sameBytes(check, keyCheckValue(createSecretKey(dek), dekId)), 'a record has another key check value')
  }
}

/** The key ids of records, sorted and each once. */
export function keyIdsOf(wraps: readonly Uint8Array[]): readonly string[] {
  return [...new Set(wraps.map((record) => parsed(record).keyId))].sort()
}

export async function currentOf(provider: KeyProvider): Promise<readonly string[]> {
  return [...(await provider.currentKeyIds())].sort()
}

/** Opens a record, by the opener where the provider can only wrap. */
export async function open(
  { provider, opener }: ProviderUnderTest,
  record: Uint8Array,
  scope = sampleKeyScope(),
): Promise<Uint8Array> {
  try {
    return await provider.unwrap(record, scope)
  } catch (error) {
    if (opener === undefined || !isVaultError(error, 'VAULT_KEY_UNKNOWN')) throw error
    return opener.unwrap(record, scope)
  }
}

/** Every record opens to this data key. */
export async function assertOpens(
  subject: ProviderUnderTest,
  wraps: readonly Uint8Array[],
  { dek, scope }: Omit<WrapRequest, 'dekId'> = sampleRequest(),
): Promise<void> {
  for (const record of wraps) {
    const outcome = await outcomeOf(subject.provider, () => open(subject, record, scope))
    if (outcome.state === 'failed') assert.fail(`a wrap did not open: ${outcome.code}`)
    // Bytes are compared here and not shown: they may be those of a key.
    assert.equal(outcome.value.length, 32, 'a data key has 32 bytes')
    assert.ok(sameBytes(outcome.value, dek), 'a wrap opened to other bytes')
  }
}

/** What came of a call. The code of a failure is that which the vault would give it. */
export type Outcome<T> =
  | { readonly state: 'done'; readonly value: T }
  | { readonly state: 'failed'; readonly code: VaultErrorCode; readonly error: unknown }

export async function outcomeOf<T>(provider: KeyProvider, work: () => Awaitable<T>): Promise<Outcome<T>> {
  try {
    return { state: 'done', value: await work() }
  } catch (error) {
    return { state: 'failed', code: keyError(error, provider).code, error }
  }
}

/** The codes of a record that was altered, or belongs to another scope. */
export const integrityCodes: readonly string[] = Object.freeze([
  'VAULT_OPEN_FAILED',
  'VAULT_ENVELOPE_INVALID',
  'VAULT_ENVELOPE_UNSUPPORTED',
])

/** The codes that say of a key that it is not here or may not be used; the vault evicts what is cached under it. */
export const refusalCodes: readonly string[] = Object.freeze([
  'VAULT_KEY_UNKNOWN',
  'VAULT_KEY_DENIED',
  'VAULT_KEY_MISMATCH',
])

/** The call failed, with one of these codes. */
export function assertFails(outcome: Outcome<unknown>, codes: readonly string[], what: string): void {
  if (outcome.state === 'done') assert.fail(`${what} must be refused`)
  assert.ok(codes.includes(outcome.code), `${what} must be refused with ${codes.join(' or ')}, not ${outcome.code}`)
}
