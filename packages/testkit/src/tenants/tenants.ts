// Twenty principals of one vault: owners of much the same name, guests, and holders of roles with and without conditions.
import type { Permission } from '@mcpvault/core'
import { testPolicy } from '../vaults/principals.ts'

/** What a role allows, and the tag that a secret must have for it. */
interface TenantRole {
  readonly level: Permission
  readonly tag: string | undefined
}

/** The roles as the model knows them. */
export const tenantRoles = {
  reader: { level: 'read', tag: undefined },
  writer: { level: 'write', tag: undefined },
  admin: { level: 'admin', tag: undefined },
  'ci-reader': { level: 'read', tag: 'ci' },
  'ci-writer': { level: 'write', tag: 'ci' },
  'ci-admin': { level: 'admin', tag: 'ci' },
} as const satisfies Readonly<Record<string, TenantRole>>

/** The same roles as a vault takes them. */
export const tenantPolicy = {
  roles: {
    ...testPolicy.roles,
    ...Object.fromEntries(
      Object.entries(tenantRoles).map(([name, { level, tag }]) => [
        name,
        [{ allow: [level], ...(tag === undefined ? {} : { tags: [tag] }) }],
      ]),
    ),
  },
}

export interface Tenant {
  readonly id: string
  readonly roles: readonly (keyof typeof tenantRoles)[]
}

/** Those who own secrets: names that differ in case or in a space alone. */
export const owners: readonly Tenant[] = ['alice', 'Alice', 'alice ', 'bob'].map((id) => ({ id, roles: [] }))

export const tenants: readonly Tenant[] = [
  ...owners,
  ...Array.from({ length: 9 }, (_, index) => ({ id: `guest ${index}`, roles: [] })),
  { id: 'rita', roles: ['reader'] },
  { id: 'will', roles: ['writer'] },
  { id: 'ada', roles: ['admin'] },
  { id: 'carl', roles: ['ci-reader'] },
  { id: 'cora', roles: ['ci-writer'] },
  { id: 'cleo', roles: ['ci-admin'] },
  { id: 'mona', roles: ['ci-admin', 'reader'] },
]
