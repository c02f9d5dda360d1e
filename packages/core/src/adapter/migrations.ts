// The migrations of this release: which ones a database still needs, and whether it has exactly these.
import { createHash } from 'node:crypto'
import { VaultError } from '../errors/index.ts'

/** One step to a schema. A released step is never edited, which its checksum shows, but followed by another. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly text: string
}

/** What `migrate` of a store did. */
export interface MigrationReport {
  /** The schema's version now. */
  readonly version: number
  /** The versions of the steps that this call ran; none when the schema was there already. */
  readonly applied: readonly number[]
}

/** The steps that are left, and the report for when they are done. */
export interface MigrationPlan {
  /** The steps to run, in order, each with the checksum to store. */
  readonly missing: readonly (Migration & { readonly checksum: string })[]
  readonly report: MigrationReport
}

/**
 * The steps that a database needs. `stored` has the checksums of the steps that it ran, by their versions. The steps of a
 * release are in the order of their versions; run and store the missing ones in one transaction. Throws
 * `VAULT_CONFIG_INVALID` when the database ran a step with another checksum, and `VAULT_STORE_NOT_READY` when a newer
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
      detail: 'The database ran a migration that differs from the one of this release.',
    })
  })
  return { missing, report: { version, applied: missing.map((step) => step.version) } }
}

/**
 * Throws `VAULT_STORE_NOT_READY` unless a database ran exactly these steps: none is missing, none has another checksum,
 * and there is no newer one.
 *
 * @example
 * requireMigrations(migrations, new Map(database.prepare('SELECT version, checksum FROM migrations').raw().all()))
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
