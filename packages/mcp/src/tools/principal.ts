// Who makes a call: what the host says, or what the transport verified. Arguments of tools are never looked at.
import type { Principal } from '@mcpvault/core'
import { mcpVaultError } from '../errors.ts'
import { authOf, type ToolExtra } from './extra.ts'

/**
 * The principal of every call, as over stdio, where one process serves one user; or a function that finds it in what the
 * SDK says of the call. Undefined is refused, and so is an empty id: there is no anonymous principal.
 */
export type PrincipalSource =
  | Principal
  | ((extra: ToolExtra) => Principal | undefined | PromiseLike<Principal | undefined>)

/**
 * Throws `MCP_PRINCIPAL_MISSING`. Without a source the user is `extra.sub` or `extra.userId` of the verified access
 * token: `clientId` names a program, which many people use.
 */
export async function principalOf(source: PrincipalSource | undefined, extra: ToolExtra): Promise<Principal> {
  const found = typeof source === 'function' ? await source(extra) : (source ?? principalFromAuth(extra))
  if (isPrincipal(found)) return found
  const message =
    source === undefined && authOf(extra) === undefined
      ? 'Nobody is signed in. Over HTTP, verify the access token of each request; over stdio, give withSecrets a principal.'
      : 'The sign-in of this call names no user, so there is nobody whose secrets could be used.'
  throw mcpVaultError('MCP_PRINCIPAL_MISSING', { message })
}

function principalFromAuth(extra: ToolExtra): Principal | undefined {
  const known = authOf(extra)?.extra
  const names = [known?.['sub'], known?.['userId']].filter((each) => each !== undefined)
  const [id] = names
  if (names.some((each) => each !== id)) {
    const message =
      'The access token names two users, as sub and as userId. Give withSecrets a principal that picks one.'
    throw mcpVaultError('MCP_PRINCIPAL_MISSING', { message })
  }
  return typeof id === 'string' ? { id } : undefined
}

/** A resolver in JavaScript may give anything. */
export function isPrincipal(found: unknown): found is Principal {
  return typeof found === 'object' && found !== null && 'id' in found && typeof found.id === 'string' && found.id !== ''
}
