// The options of share and unshare.
import type { Permission } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { parseName, parseUser } from './names.ts'
import { parseObject, parseSignal, parseString } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

/** To whom, what, and where it holds. */
export interface ShareOptions {
  /** The principal id that gets the permission. */
  readonly with: string
  readonly permission: Permission
  /** When given, the permission holds only for calls with this deployment id. */
  readonly deploymentId?: string
  readonly signal?: AbortSignal | undefined
}

export interface UnshareOptions {
  /** The principal id that loses its permission. */
  readonly with: string
  readonly signal?: AbortSignal | undefined
}

export interface ParsedShare {
  readonly grantee: string
  readonly permission: Permission
  readonly deploymentId: string | undefined
  readonly signal: AbortSignal | undefined
}

export function parseShare(value: unknown): ParsedShare {
  const given = parseObject(value, 'options')
  refuseUnknown(given, ['with', 'permission', 'deploymentId', 'signal'], 'options')
  const { deploymentId } = given
  return {
    grantee: parseUser(given['with'], 'with'),
    permission: parsePermission(given['permission']),
    deploymentId: deploymentId === undefined ? undefined : parseName(deploymentId, 'deploymentId'),
    signal: parseSignal(given['signal']),
  }
}

export function parseUnshare(value: unknown): Pick<ParsedShare, 'grantee' | 'signal'> {
  const given = parseObject(value, 'options')
  refuseUnknown(given, ['with', 'signal'], 'options')
  return { grantee: parseUser(given['with'], 'with'), signal: parseSignal(given['signal']) }
}

function parsePermission(value: unknown): Permission {
  const permission = parseString(value, 'permission')
  if (permission === 'read' || permission === 'write' || permission === 'admin') return permission
  throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must be read, write or admin.', field: 'permission' })
}
