// The one way from the vault to a value in an answer: limited for each principal, and in the audit trail.
import { Buffer } from 'node:buffer'
import type { SecretValue } from '@mcpvault/core'
import type { z } from 'zod'
import { type Call, dropUndefined } from '../call.ts'
import { noSuchSecret } from '../http-error.ts'
import type { revealed } from '../schemas/secrets.ts'

type Revealed = z.infer<typeof revealed>

/** Reads a value. What it is kept in meanwhile is wiped; the text of the answer is not in the handler's hands. */
export async function revealSecret(
  call: Call,
  { server, name, owner }: { readonly server: string; readonly name: string; readonly owner?: string | undefined },
  asked: { readonly version?: number | undefined; readonly reason?: string | undefined },
): Promise<Revealed> {
  const { version, reason } = asked
  await call.shared.limitReveals(call.session.principal.id)
  const session = reason === undefined ? call.session : call.withReason(reason)
  const scope = session.scope(owner === undefined ? { server } : { server, owner })
  const value = await scope.get(name, dropUndefined({ version, signal: call.signal }))
  if (value === undefined) throw noSuchSecret()
  try {
    return await jsonOf(value)
  } finally {
    value.dispose()
  }
}

async function jsonOf(value: SecretValue): Promise<Revealed> {
  const { encoding, version } = value
  switch (encoding) {
    case 'text':
      return { encoding, value: value.reveal(), version }
    case 'fields':
      return { encoding, value: { ...value.fields() }, version }
    case 'bytes':
      return { encoding, value: await value.use((bytes) => Buffer.from(bytes).toString('base64')), version }
  }
}
