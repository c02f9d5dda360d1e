// Reading values: get, use and getAll.

import type { Awaitable, Scope, SecretRef } from '../../contracts/index.ts'
import { isVaultError, VaultError } from '../../errors/index.ts'
import { whenReady } from '../../time/index.ts'
import { audited, type Call, type Caller, denied, eventOf, servingOptions, signalOf } from '../call.ts'
import type { ParsedRead } from '../parse/read.ts'
import { admit, decideFor, factsOf } from '../record/admit.ts'
import { isExpired } from '../record/describe.ts'
import { type Asked, checkRecord, type TrustedRecord } from '../record/load.ts'
import { openVersion } from '../record/open-version.ts'
import type { SecretValue } from '../secret-value.ts'

/** A secret to open, under the verb that was called. */
export interface ReadRequest {
  readonly operation: string
  readonly ref: SecretRef
  readonly options: ParsedRead
}

/** Opens one secret; undefined when it is absent or may not be known of. */
export function readSecret(caller: Caller, { operation, ref, options }: ReadRequest): Promise<SecretValue | undefined> {
  const { version, minVersion, signal } = options
  const request = { operation, action: 'secret.accessed', ref, signal } as const
  return audited(caller, request, (call) =>
    whenReady(admit(call, { ref, operation: 'get', versions: version ?? 'current' }), (loaded) => {
      if (loaded === undefined) return undefined
      const { record } = loaded
      if (minVersion !== undefined && record.currentVersion < minVersion) {
        throw new VaultError('VAULT_ROLLBACK_SUSPECTED', { ref })
      }
      return whenReady(release(call, loaded, version ?? record.currentVersion), (value) => {
        if (value === undefined) call.outcome = 'missing'
        else call.runtime.uses.add(record)
        return value
      })
    }),
  )
}

/** Opens a version of a secret that may be used now. */
function release(call: Call, loaded: TrustedRecord, version: number): Awaitable<SecretValue | undefined> {
  const { record } = loaded
  const { clock, tiers } = call.runtime.config
  if (record.state === 'inactive') throw new VaultError('VAULT_INACTIVE', { ref: record.ref })
  if (isExpired(record, clock.now())) throw new VaultError('VAULT_EXPIRED', { ref: record.ref })
  if (tiers[record.tier]?.reasonRequired === true && call.context.reason === undefined) {
    throw denied(call, 'The tier of this secret asks for a reason in the context.')
  }
  return openVersion(call, loaded, version)
}

/** What `getAll` found when asked to collect errors. */
export interface CollectedSecrets {
  readonly values: ReadonlyMap<string, SecretValue>
  /** What each secret that could not be opened failed with. */
  readonly errors: ReadonlyMap<string, VaultError>
}

/** Opens every usable secret of a scope that the principal may read: one query, and one event for each secret. */
export function readAll(
  caller: Caller,
  { scope, signal }: { readonly scope: Scope; readonly signal: AbortSignal | undefined },
): Promise<CollectedSecrets> {
  const request = { operation: 'getAll', action: 'secret.accessed', ref: scope, signal } as const
  return audited(caller, request, async (call) => {
    const { store, config, trail } = call.runtime
    const limit = config.limits.getAll
    const since = call.runtime.seen.now()
    const found = await store.secrets.findAll(scope, { ...servingOptions(call), limit: limit + 1 })
    const records = found.slice(0, limit)
    const values = new Map<string, SecretValue>()
    const errors = new Map<string, VaultError>()
    const events = []
    for (const record of records) {
      const ref = { ...scope, name: record.ref.name }
      const one: Call = { ...call, ref, facts: {} }
      const result = await readOne(one, record, { ref, since }).catch((error: unknown) => vaultErrorOf(error))
      if (result === undefined) continue
      if (isVaultError(result)) errors.set(ref.name, result)
      else values.set(ref.name, result)
      events.push(
        isVaultError(result) ? ({ ...eventOf(one), outcome: 'failed', errorCode: result.code } as const) : eventOf(one),
      )
    }
    // Only who may read something there learns how much there is.
    if (found.length > limit && events.length > 0) {
      throw new VaultError('VAULT_NOT_SUPPORTED', {
        detail: 'The scope has more secrets than getAll opens at once; list them.',
      })
    }
    if (events.length > 0) {
      call.recorded = true
      await trail?.record(events, signalOf(call))
    } else if (call.principal.id !== scope.owner) call.outcome = records.length > 0 ? 'denied' : 'missing'
    return { values, errors }
  })
}

/** One secret of many: those that are inactive, expired or not the principal's to see are passed over. */
async function readOne(call: Call, record: TrustedRecord['record'], asked: Asked): Promise<SecretValue | undefined> {
  const loaded = await checkRecord(call, record, asked)
  if (!loaded.trusted) {
    if (loaded.known) throw loaded.error
    return undefined
  }
  call.facts.secretId = record.id
  const { allowed } = await decideFor(call, { operation: 'get', secret: factsOf(record), grants: record.grants })
  const usable = record.state === 'active' && !isExpired(record, call.runtime.config.clock.now())
  if (!allowed || !usable) return undefined
  const value = await release(call, loaded, record.currentVersion)
  call.runtime.uses.add(record)
  return value
}

function vaultErrorOf(error: unknown): VaultError {
  if (isVaultError(error)) return error
  throw error
}
