// The options of share and unshare.
import type { Permission } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { parseName, parseUser } from './names.ts'
import { type ParsedWrite, parseWrite, type WriteOptions, writeNames } from './settings.ts'
import { parseObject, parseString } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

/** To whom, what, and where it holds. */
export interface ShareOptions extends WriteOptions {
  /** The principal id that gets the permission. */
  readonly with: string
  readonly permission: Permission
  /** When given, the permission holds only for calls with this deployment id. */
  readonly deploymentId?: string
}

export interface UnshareOptions extends WriteOptions {
  /** The principal id that loses its permission. */
  readonly with: string
}

export interface ParsedShare extends ParsedWrite {
  readonly grantee: string
  readonly permission: Permission
  readonly deploymentId: string | undefined
}

export type ParsedUnshare = Omit<ParsedShare, 'permission' | 'deploymentId'>

export function parseShare(value: unknown): ParsedShare {
  const given = parseObject(value, 'options')
  refuseUnknown(given, ['with', 'permission', 'deploymentId', ...writeNames], 'options')
  const { deploymentId } = given
  return {
    grantee: parseUser(given['with'], 'with'),
    permission: parsePermission(given['permission']),
    deploymentId: deploymentId === undefined ? undefined : parseName(deploymentId, 'deploymentId'),
    ...parseWrite(given),
  }
}

export function parseUnshare(value: unknown): ParsedUnshare {
  const given = parseObject(value, 'options')
  refuseUnknown(given, ['with', ...writeNames], 'options')
  return { grantee: parseUser(given['with'], 'with'), ...parseWrite(given) }
}

function parsePermission(value: unknown): Permission {
  const permission = parseString(value, 'permission')
  if (permission === 'read' || permission === 'write' || permission === 'admin') return permission
  throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must be read, write or admin.', field: 'permission' })
}
