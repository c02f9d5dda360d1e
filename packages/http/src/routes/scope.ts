// The scope that a request about one secret is in: its server in the path, its owner in the query.
import type { SecretScope, VaultSession } from '@mcpvault/core'
import { ownerQuery, secretPath } from '../schemas/common.ts'

/** The parts of a request that address a secret. */
export const secretRequest = { params: secretPath, query: ownerQuery }

/** Where a secret is. Without an owner it is the caller's own. */
export interface Address {
  readonly server: string
  readonly owner?: string | undefined
}

export function scopeOf(session: VaultSession, { server, owner }: Address): SecretScope {
  return session.scope(owner === undefined ? { server } : { server, owner })
}
