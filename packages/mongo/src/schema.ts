// The schema: made by `migrate()`, and looked at while the store is used, since a collection or an index may be dropped.
import { VaultError } from '@mcpvault/core'
import type { LookBefore } from '@mcpvault/core/adapter'
import type { MongoDatabase, MongoIndex } from './client.ts'
import { type Collections, collectionsUnder, indexes } from './collections.ts'
import { fieldsOf } from './engine.ts'
import { notesId } from './watch.ts'

/** The version of the layout of documents. */
const layout = 1

/** The server's code for a collection that does not exist. */
const namespaceNotFound = 26

/** Creates what is missing. Throws `VAULT_STORE_NOT_READY` for the collections of another release. */
export async function migrate(at: Collections): Promise<void> {
  const stored = await storedLayout(at)
  if (stored !== undefined) requireLayout(stored)
  for (const [name, wanted] of entries(indexes)) await at[name].createIndexes(wanted.map((index) => ({ ...index })))
  await at.meta.updateOne({ _id: notesId }, { $setOnInsert: { number: 0, notes: [] } }, { upsert: true })
  await at.meta.updateOne({ _id: 'schema' }, { $set: { layout } }, { upsert: true })
}

export interface Deployment {
  readonly at: Collections
  readonly database: MongoDatabase
}

/**
 * Throws unless the schema is there with every unique index: without one, two documents could have one place. Throws a
 * transient `VAULT_STORE_FAILED` when a secondary answers.
 */
export async function lookAt(
  { at: unlimited, database }: Deployment,
  { wasUsable, signal }: LookBefore,
): Promise<void> {
  const at = collectionsUnder(unlimited, signal)
  if ((await database.command({ hello: 1 }, { signal }))['secondary'] === true) throw secondary()
  const stored = await storedLayout(at)
  if (stored === undefined) throw wasUsable ? emptied() : new VaultError('VAULT_STORE_NOT_READY')
  requireLayout(stored)
  await Promise.all(entries(indexes).map(([name, wanted]) => requireUnique(at[name], wanted)))
}

async function storedLayout(at: Collections): Promise<unknown> {
  return fieldsOf(await at.meta.findOne({ _id: 'schema' }))?.['layout']
}

function requireLayout(stored: unknown): void {
  if (stored === layout) return
  const detail = 'Another release made these collections. Update the package.'
  throw new VaultError('VAULT_STORE_NOT_READY', { detail })
}

async function requireUnique(collection: Collections[keyof Collections], wanted: readonly MongoIndex[]): Promise<void> {
  const unique = wanted.filter((index) => index.unique === true)
  if (unique.length === 0) return
  const stored = await storedIndexes(collection)
  const isThere = ({ key, name }: MongoIndex): boolean =>
    stored.some((each) => each?.['name'] === name && each['unique'] === true && sameKey(each['key'], key))
  if (unique.every(isThere)) return
  throw new VaultError('VAULT_STORE_NOT_READY', {
    detail:
      'A unique index is gone: it was dropped, or its collection was. Restore what is missing, and call migrate().',
  })
}

async function storedIndexes(collection: Collections[keyof Collections]) {
  try {
    return (await collection.listIndexes().toArray()).map(fieldsOf)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === namespaceNotFound) return []
    throw error
  }
}

function sameKey(stored: unknown, wanted: MongoIndex['key']): boolean {
  return JSON.stringify(fieldsOf(stored)) === JSON.stringify(wanted)
}

/** A client with a direct connection stays with its server, also when another one is the primary. */
function secondary(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', {
    field: 'client',
    detail: 'must reach the primary: a secondary may not know yet that a permission was revoked.',
    retryable: true,
  })
}

function emptied(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', {
    detail: 'The database no longer has the collections of the vault. Restore its backup.',
    retryable: false,
  })
}

function entries(of: typeof indexes) {
  // The names of `indexes` are those of the collections.
  return Object.entries(of) as [keyof Collections, readonly MongoIndex[]][]
}
