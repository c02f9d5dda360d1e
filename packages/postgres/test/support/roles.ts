// Plain roles of the database: they own nothing and pass no policy by.
import type pg from 'pg'
import { type GrantsOptions, grants } from '../../src/index.ts'
import { poolOn } from './stores.ts'

let roles = 0

export type RoleRights = Omit<GrantsOptions, 'role' | 'schema'> & { readonly schema: string }

/** The address of the database as a new role that has the rights of `grants` and nothing else. */
export async function roleAddress(owner: pg.Pool, rights: RoleRights): Promise<string> {
  roles += 1
  const role = `role_${process.pid}_${roles}`
  await owner.query(`CREATE ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS`)
  await owner.query(grants({ role, ...rights }))
  const address = new URL(String(owner.options.connectionString))
  address.username = role
  return address.href
}

/** A pool as such a role. */
export async function poolAsRole(
  owner: pg.Pool,
  rights: RoleRights,
): Promise<{ readonly pool: pg.Pool; readonly role: string }> {
  const address = await roleAddress(owner, rights)
  return { pool: poolOn(address), role: new URL(address).username }
}
