// The page's calls of the API: each gives an answer or a problem in words for the user, and never throws.
import { signal } from '@preact/signals'
import {
  isVaultHttpError,
  type Me,
  type SecretInfo,
  type SecretPage,
  type VaultClient,
  type VaultHttpError,
  vaultClient,
} from '../src/client/index.ts'
import type { Ref } from './route.ts'

export type {
  AuditItem,
  AuditReport,
  GrantInfo,
  Me,
  RevealedSecret,
  SecretInfo,
} from '../src/client/index.ts'
export type ListedSecret = SecretPage['items'][number]
export type AuditQuery = NonNullable<Parameters<VaultClient['audit']>[0]>

/** Why a call did not do what it was for. */
export interface Problem {
  /** `unsure`: no answer came, so the call may have been carried out. */
  readonly kind: 'unsure' | 'signed-out' | 'denied' | 'absent' | 'conflict' | 'invalid' | 'busy' | 'unusable' | 'failed'
  readonly message: string
  readonly field: string | undefined
  readonly correlationId: string | undefined
}

export type Answer<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly problem: Problem }

/** Who is signed in, once that is known. */
export const me = signal<Me | undefined>(undefined)
/** False from a failed connection to the next answer. */
export const isReachable = signal(true)
export const isSignedOut = signal(false)

// The page stands at `{basePath}/`, and the API below it.
const client = vaultClient({ baseUrl: new URL('.', location.href).pathname })

export const api = answering(client)
export const auditExportUrl = client.auditExportUrl

/** The newest state of a secret, where it is still there. */
export async function currentOf(ref: Ref): Promise<SecretInfo | undefined> {
  const answer = await api.describe(ref)
  return answer.ok ? answer.data : undefined
}

type Answering<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => Promise<Answer<R>>
    : never
}

function answering(from: VaultClient): Answering<Omit<VaultClient, 'auditExportUrl'>> {
  const { auditExportUrl: _, ...calls } = from
  const entries = Object.entries(calls).map(([name, call]) => {
    // Each call is given the arguments of its own type below.
    const run = call as (...args: readonly unknown[]) => Promise<unknown>
    return [name, (...args: readonly unknown[]) => answerOf(() => run(...args))] as const
  })
  // The same calls by the same names, each with its answer wrapped.
  return Object.fromEntries(entries) as unknown as ReturnType<typeof answering>
}

async function answerOf<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    const data = await call()
    isReachable.value = true
    isSignedOut.value = false
    return { ok: true, data }
  } catch (error) {
    const problem = isVaultHttpError(error) ? problemOf(error) : failed
    isReachable.value = problem.kind !== 'unsure'
    if (problem.kind === 'signed-out') isSignedOut.value = true
    return { ok: false, problem }
  }
}

const failed: Problem = {
  kind: 'failed',
  message: 'Something went wrong in this page.',
  field: undefined,
  correlationId: undefined,
}

function problemOf(error: VaultHttpError): Problem {
  const { status, field, correlationId } = error
  const kind = kindOf(error)
  const wait = error.retryAfterMs === undefined ? '' : ` Try again in ${Math.ceil(error.retryAfterMs / 1_000)} s.`
  const own: Partial<Record<Problem['kind'], string>> = {
    unsure: 'The server cannot be reached. What you typed is still here.',
    'signed-out': 'You are signed out. Sign in again in another tab, then try again here.',
    absent: 'There is no such secret, or you may not know of it.',
    conflict: 'This was changed meanwhile. Look at it as it is now, then try again.',
    busy: `${status === 429 ? 'That was too often.' : 'The vault cannot do this at the moment. Nothing was lost.'}${wait}`,
  }
  return {
    kind,
    message: own[kind] ?? error.message,
    field,
    correlationId: kind === 'failed' ? correlationId : undefined,
  }
}

function kindOf({ status, code }: VaultHttpError): Problem['kind'] {
  if (code === 'HTTP_NO_ANSWER') return 'unsure'
  const kinds: Readonly<Record<number, Problem['kind']>> = {
    401: 'signed-out',
    403: 'denied',
    404: 'absent',
    409: 'conflict',
    410: 'unusable',
    412: 'conflict',
    423: 'unusable',
    429: 'busy',
  }
  // Of the server's own faults, 500 alone will not pass by waiting.
  return kinds[status] ?? (status < 500 ? 'invalid' : status > 500 ? 'busy' : 'failed')
}
