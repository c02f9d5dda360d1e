// The steps to this release's schema: which ones a database still needs, and whether it has exactly these.
import { createHash } from 'node:crypto'
import { VaultError } from '../errors/index.ts'

/** One step to a schema. Its text is checksummed: a released step is followed by another, never edited. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly text: string
}

/** What `migrate` of a store did. */
export interface MigrationReport {
  /** The schema's version now. */
  readonly version: number
  /** The versions of the steps that this call took; none when the schema was there already. */
  readonly applied: readonly number[]
}

/** What is left to do, and what to report once it is done. */
export interface MigrationPlan {
  /** The steps to take, in order, and the checksum to store of each. */
  readonly missing: readonly (Migration & { readonly checksum: string })[]
  readonly report: MigrationReport
}

/**
 * The steps that a database needs, from the checksums that it stored under the versions of the steps it had. Give the
 * steps of a release in the order of their versions, and take and store the missing ones in one transaction. Throws
 * `VAULT_CONFIG_INVALID` when a step is another one than the database had, and `VAULT_STORE_NOT_READY` when a newer
 * release made its schema.
 *
 * @example
 * const { missing, report } = planMigrations(migrations, new Map())
 * for (const { version, name, text, checksum } of missing) {
 *   database.exec(text)
 *   database.prepare('INSERT INTO migrations VALUES (?, ?, ?)').run(version, name, checksum)
 * }
 */
export function planMigrations(migrations: readonly Migration[], stored: ReadonlyMap<number, string>): MigrationPlan {
  const version = refuseNewer(migrations, stored)
  const missing = migrations.flatMap((step) => {
    const checksum = checksumOf(step)
    const before = stored.get(step.version)
    if (before === undefined) return [{ ...step, checksum }]
    if (before === checksum) return []
    throw new VaultError('VAULT_CONFIG_INVALID', {
      detail: 'A migration that this database had is not the one of this release.',
    })
  })
  return { missing, report: { version, applied: missing.map((step) => step.version) } }
}

/**
 * Throws `VAULT_STORE_NOT_READY` unless a database had exactly these steps: none is missing, none was another one, and
 * there is no newer one.
 */
export function requireMigrations(migrations: readonly Migration[], stored: ReadonlyMap<number, string>): void {
  refuseNewer(migrations, stored)
  for (const step of migrations) {
    if (stored.get(step.version) !== checksumOf(step)) throw new VaultError('VAULT_STORE_NOT_READY')
  }
}

/** Returns the version of this release's schema. */
function refuseNewer(migrations: readonly Migration[], stored: ReadonlyMap<number, string>): number {
  const latest = migrations.at(-1)?.version ?? 0
  for (const version of stored.keys()) {
    if (version <= latest) continue
    throw new VaultError('VAULT_STORE_NOT_READY', { detail: 'A newer release made this schema. Update the package.' })
  }
  return latest
}

function checksumOf({ text }: Migration): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
