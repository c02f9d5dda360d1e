// Wrapped data keys: one document each, and for each scope an entry of `meta` that names the active one.
import { type DataKeyScope, type DataKeyStore, type StoredDataKey, VaultError } from '@mcpvault/core'
import type { Fields } from './client.ts'
import { bytesOf, type Engine, fieldsOf } from './engine.ts'
import { unlessDuplicate } from './errors.ts'
import type { NotifyOthers } from './watch.ts'

/** A vault never creates and removes the key of a scope that fast. */
const maxAttempts = 5

export function mongoDataKeys(engine: Engine, notify: NotifyOthers): DataKeyStore {
  const { dataKeys, meta } = engine.at

  const findById = async ({ id, scope }: Pick<StoredDataKey, 'id' | 'scope'>): Promise<StoredDataKey | undefined> =>
    keyOf(await dataKeys.findOne({ ...filterOf(scope), id: { $eq: id } }))

  async function findActive(scope: DataKeyScope): Promise<StoredDataKey | undefined> {
    const entry = fieldsOf(await meta.findOne({ _id: activeId(scope) }))
    if (entry === undefined) return undefined
    const row = await findById({ id: String(entry['id']), scope })
    return row?.state === 'active' ? row : undefined
  }

  /** False when another key is active. */
  async function activate({ id, scope }: StoredDataKey): Promise<boolean> {
    return await unlessDuplicate(() => meta.insertOne({ _id: activeId(scope), id }))
  }

  /** Removes an entry whose key was retired or removed by a process that ended before it removed the entry. */
  async function removeStaleEntry(scope: DataKeyScope): Promise<void> {
    const entry = fieldsOf(await meta.findOne({ _id: activeId(scope) }))
    if (entry === undefined || (await findActive(scope)) !== undefined) return
    await meta.deleteOne({ _id: activeId(scope), id: { $eq: entry['id'] } })
  }

  async function insert(row: StoredDataKey): Promise<StoredDataKey> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const winner = await findActive(row.scope)
      if (winner !== undefined) return winner
      const isNew = await unlessDuplicate(() => dataKeys.insertOne({ _id: identityOf(row), ...documentOf(row) }))
      if (!isNew && (await findById(row)) === undefined) throw refused('A data key with this id exists already.')
      if (await activate(row)) return row
      await dataKeys.deleteOne({ _id: identityOf(row) })
      await removeStaleEntry(row.scope)
    }
    throw new VaultError('VAULT_STORE_FAILED', { detail: 'The active data key of the scope keeps changing.' })
  }

  return {
    active: (scope, options) => engine.call(options, () => findActive(scope)),
    find: (id, scope, options) => engine.call(options, () => findById({ id, scope })),
    insert: (row, options) => engine.call(options, () => insert(row)),
    async replace(row, { ifRevision, ...options }) {
      const { scope, id, state } = row
      const wanted = { ...filterOf(scope), id: { $eq: id }, revision: ifRevision }
      const isReplaced = await engine.call(options, async () => {
        if ((await findById(row))?.revision !== ifRevision) return false
        const active = state === 'active' ? await findActive(scope) : undefined
        if (active !== undefined && active.id !== id) throw refused('The scope has another active data key.')
        if ((await dataKeys.updateOne(wanted, { $set: documentOf(row) })).matchedCount !== 1) return false
        if (state === 'active') await activate(row)
        else await meta.deleteOne({ _id: activeId(scope), id: { $eq: id } })
        return true
      })
      if (isReplaced) await notify(scope, options)
      return isReplaced
    },
    async remove(id, scope, options) {
      await engine.call(options, async () => {
        await dataKeys.deleteOne({ ...filterOf(scope), id: { $eq: id } })
        await meta.deleteOne({ _id: activeId(scope), id: { $eq: id } })
      })
      await notify(scope, options)
    },
    list({ owner, after, limit }, options) {
      return engine.call(options, async () => {
        const wanted: Fields[] = [{ id: { $gt: after ?? '' } }]
        if (owner !== undefined) wanted.push({ owner: { $eq: owner } })
        const found = await dataKeys.find({ $and: wanted }, { sort: { id: 1 }, limit }).toArray()
        return found.flatMap((each) => keyOf(each) ?? [])
      })
    },
  }
}

function filterOf({ kind, owner, server }: DataKeyScope): Fields {
  return { kind: { $eq: kind }, owner: { $eq: owner }, server: { $eq: server } }
}

/** Names hold no control characters, so a line break keeps the parts apart. */
function identityOf({ scope, id }: Pick<StoredDataKey, 'scope' | 'id'>): string {
  return `${scope.kind}\n${scope.owner}\n${scope.server}\n${id}`
}

/** The id of the entry of `meta` that names the active key of a scope, so that there is at most one. */
function activeId({ kind, owner, server }: DataKeyScope): string {
  return `active\n${kind}\n${owner}\n${server}`
}

function documentOf({ id, scope, state, wraps, revision, createdAt }: StoredDataKey): Fields {
  const { kind, owner, server } = scope
  const copies = wraps.map((wrap) => Buffer.from(wrap))
  return { id, kind, owner, server, state, wraps: copies, revision, createdAt }
}

function keyOf(document: unknown): StoredDataKey | undefined {
  const fields = fieldsOf(document)
  if (fields === undefined) return undefined
  const { id, kind, owner, server, state, wraps, revision, createdAt } = fields
  return {
    id: String(id),
    scope: { kind: kind === 'audit' ? 'audit' : 'values', owner: String(owner), server: String(server) },
    state: state === 'active' ? 'active' : 'retired',
    wraps: Array.isArray(wraps) ? wraps.map((wrap) => bytesOf(wrap) ?? new Uint8Array()) : [],
    revision: Number(revision),
    createdAt: createdAt instanceof Date ? createdAt : new Date(Number.NaN),
  }
}

function refused(detail: string): VaultError {
  return new VaultError('VAULT_STORE_FAILED', { detail, retryable: false })
}
