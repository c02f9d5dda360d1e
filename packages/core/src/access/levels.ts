// Levels of access, and which level each operation asks for.
import type { Operation, Permission } from '../contracts/index.ts'

/** Each level includes the ones before it. */
export type AccessLevel = 'none' | Permission | 'owner'

const ranks: Readonly<Record<AccessLevel, number>> = { none: 0, read: 1, write: 2, admin: 3, owner: 4 }

/** Whether `level` includes `needed`. */
export function includesLevel(level: AccessLevel, needed: AccessLevel): boolean {
  return ranks[level] >= ranks[needed]
}

export function higherLevel(a: AccessLevel, b: AccessLevel): AccessLevel {
  return ranks[a] >= ranks[b] ? a : b
}

/** An operation on one secret. */
export type SecretOperation = Exclude<Operation, 'auditLog' | 'operate'>

/** The level that each operation on a secret asks for. `rotate` is also open to a role that allows just that. */
export const levelNeeded: Readonly<Record<SecretOperation, Permission>> = Object.freeze({
  describe: 'read',
  get: 'read',
  history: 'read',
  list: 'read',
  require: 'read',
  create: 'write',
  set: 'write',
  update: 'write',
  restore: 'write',
  activate: 'write',
  deactivate: 'write',
  delete: 'write',
  undelete: 'write',
  rotate: 'write',
  reclassify: 'admin',
  destroy: 'admin',
  share: 'admin',
  unshare: 'admin',
  grants: 'admin',
})
