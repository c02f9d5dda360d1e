// Plain roles of the database: they own nothing and pass no policy by.
import type pg from 'pg'
import { grants } from '../../src/index.ts'
import { poolOn } from './stores.ts'

let roles = 0

/** A pool as a new role that has the rights of `grants` and nothing else. */
export async function poolAsRole(
  owner: pg.Pool,
  { schema, kind = 'app' }: { readonly schema: string; readonly kind?: 'app' | 'operator' },
): Promise<{ readonly pool: pg.Pool; readonly role: string }> {
  roles += 1
  const role = `role_${process.pid}_${roles}`
  await owner.query(`CREATE ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS`)
  await owner.query(grants({ role, schema, kind }))
  const address = new URL(String(owner.options.connectionString))
  address.username = role
  return { pool: poolOn(address.href), role }
}
