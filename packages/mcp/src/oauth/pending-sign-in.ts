// A sign-in under way, sealed in the vault of its user under a name that only its state gives.
import { isVaultError, type SecretScope, VaultError } from '@mcpvault/core'
import { z } from 'zod'
import { withoutAbsent } from './credentials.ts'
import { parsed } from './parsed.ts'
import { pendingName } from './pending-name.ts'

const limitMs = 10 * 60_000
const requestLimitMs = 15_000
const tag = 'mcpvault-sign-in'

/** What is kept of a sign-in under way. */
const pendingSchema = z.object({
  name: z.string(),
  verifier: z.string(),
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  issues_iss: z.enum(['true', 'false']),
  client_id: z.string(),
  client_secret: z.string().optional(),
  auth_method: z.enum(['none', 'client_secret_basic', 'client_secret_post']),
  redirect_uri: z.string(),
  resource: z.string(),
  hosts: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.string())),
})

export type PendingSignIn = z.output<typeof pendingSchema>

/** Keeps a sign-in, and says until when. */
export async function keepPending(
  scope: SecretScope,
  given: { readonly state: string; readonly pending: PendingSignIn; readonly signal: AbortSignal },
): Promise<Date> {
  const { state, pending, signal } = given
  await removeExpired(scope)
  const expiresAt = new Date(Date.now() + limitMs)
  const settings = { tags: [tag], hosts: pending.hosts, expiresAt, ifVersion: 0, signal }
  await scope.set(pendingName(state), withoutAbsent({ ...pending, hosts: JSON.stringify(pending.hosts) }), settings)
  return expiresAt
}

/** The sign-in of a state, which is over by this. */
export async function takePending(scope: SecretScope, state: string, signal: AbortSignal): Promise<PendingSignIn> {
  const name = pendingName(state)
  const stored = await scope.get(name, { signal }).catch((error: unknown) => {
    if (isVaultError(error, 'VAULT_EXPIRED')) return undefined
    throw error
  })
  // Of two callers with the same URL, one takes it.
  if (stored === undefined || !(await scope.destroy(name, { signal }))) throw strange()
  using pending = stored
  return parsed(pendingSchema, pending.fields(), 'pending')
}

/** The error for a URL that ends no sign-in of this user. */
export function strange(): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', {
    field: 'callbackUrl',
    detail: 'must be of a sign-in that this user began in the last 10 minutes, and that is not over.',
  })
}

/** A few of the sign-ins that were never finished. */
async function removeExpired(scope: SecretScope): Promise<void> {
  const { items } = await scope.list({ tag, state: 'any', expiresBefore: new Date(), limit: 20 })
  for (const { name } of items) await scope.destroy(name)
}

/** The signal of a call that asks servers: it ends after 15 seconds. */
export function limited(signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(requestLimitMs)
  return signal === undefined ? limit : AbortSignal.any([signal, limit])
}
