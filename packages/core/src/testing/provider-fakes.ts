// Key providers that count what is asked of them, or fail when a test says so.
import type { KeyProvider } from '../contracts/index.ts'
import { VaultError, type VaultErrorCode } from '../errors/index.ts'
import { hang, interceptMethods, signalOf } from './intercept.ts'

const keyCalls = ['wrap', 'unwrap', 'generate', 'rewrap'] as const

/** The calls that reach a key service. */
export type KeyCall = (typeof keyCalls)[number]

/** A key provider that knows how often it was asked. */
export interface CountingProvider extends KeyProvider {
  /** How many calls of each kind have begun. */
  readonly counts: Readonly<Record<KeyCall, number>>
}

/** Wraps a provider and counts its calls. */
export function countingProvider(provider: KeyProvider): CountingProvider {
  const counts = { wrap: 0, unwrap: 0, generate: 0, rewrap: 0 }
  const counted = interceptMethods(provider, '', ({ name, run }) => {
    if (isKeyCall(name)) counts[name] += 1
    return run()
  })
  return extended(counted, { counts })
}

/** What happens to the calls of a failing provider: an error of this code, or no answer until the signal ends it. */
export type KeyFault = VaultErrorCode | 'hang'

/** A key provider that can be made to fail. */
export interface FailingProvider extends KeyProvider {
  /** From now on every call that reaches the key service fails like this; `undefined` heals the provider. */
  failWith(fault: KeyFault | undefined): void
}

/** Wraps a provider that works until a test calls `failWith`. */
export function failingProvider(provider: KeyProvider): FailingProvider {
  let fault: KeyFault | undefined
  const failing = interceptMethods(provider, '', ({ name, args, run }) => {
    if (fault === undefined || !isKeyCall(name)) return run()
    if (fault === 'hang') return hang(signalOf(args))
    throw new VaultError(fault, { detail: 'This failure was asked for by a test.' })
  })
  return extended(failing, {
    failWith(next: KeyFault | undefined) {
      fault = next
    },
  })
}

function isKeyCall(name: string): name is KeyCall {
  return keyCalls.some((call) => call === name)
}

/** The provider's own members and more; a method that it leaves out stays left out. */
function extended<T extends object>(provider: KeyProvider, more: T): KeyProvider & T {
  const { generate, rewrap, classify, fingerprints, canonicalKeyId } = provider
  return {
    id: provider.id,
    currentKeyIds: (options) => provider.currentKeyIds(options),
    wrap: (request, options) => provider.wrap(request, options),
    unwrap: (record, scope, options) => provider.unwrap(record, scope, options),
    ...(generate === undefined ? {} : { generate }),
    ...(rewrap === undefined ? {} : { rewrap }),
    ...(classify === undefined ? {} : { classify }),
    ...(fingerprints === undefined ? {} : { fingerprints }),
    ...(canonicalKeyId === undefined ? {} : { canonicalKeyId }),
    ...more,
  }
}
