// Wrapped data keys: one document each. The entry of a scope in `meta` alone says which of its keys is active.
import { type CallOptions, type DataKeyScope, type DataKeyStore, type StoredDataKey, VaultError } from '@mcpvault/core'
import type { Fields, MongoCursor } from './client.ts'
import type { Collections } from './collections.ts'
import { bytesOf, type Engine, fieldsOf } from './engine.ts'
import { unlessDuplicate } from './errors.ts'
import type { NotifyOthers } from './watch.ts'

/** A vault never creates and removes the key of a scope that fast. */
const maxAttempts = 5

/**
 * A process may end between any two commands. What it leaves is a whole state of the contract: a key without the entry of
 * its scope is a retired one, and an entry without its key is none.
 */
export function mongoDataKeys(engine: Engine, notify: NotifyOthers): DataKeyStore {
  /** Runs the steps of one call, whose operations its signal ends. */
  const call = <T>(options: CallOptions | undefined, work: (steps: Steps, at: Collections) => Promise<T>): Promise<T> =>
    engine.call(options, (at) => work(stepsOn(at, engine.confirmAbsence), at))

  return {
    active(scope, options) {
      return call(options, async ({ findActive }) => {
        const found = await findActive(scope)
        if (found === undefined) await engine.confirmAbsence()
        return found
      })
    },
    find: (id, scope, options) => call(options, ({ find }) => find({ id, scope })),
    insert: (row, options) => call(options, ({ insert }) => insert(row)),
    async replace(row, { ifRevision, ...options }) {
      const isReplaced = await call(options, ({ replace }) => replace(row, ifRevision))
      if (isReplaced) await notify(row.scope, options)
      return isReplaced
    },
    async remove(id, scope, options) {
      await call(options, async ({ deactivate }, { dataKeys }) => {
        // The entry first: it has the owner's name, and no list would find it without its key.
        await deactivate({ id, scope })
        await dataKeys.deleteOne({ ...filterOf(scope), id: { $eq: id } })
      })
      await notify(scope, options)
    },
    list({ owner, after, limit }, options) {
      return engine.call(options, async ({ dataKeys, meta }) => {
        const wanted: Fields[] = [{ id: { $gt: after ?? '' } }]
        if (owner !== undefined) wanted.push({ owner: { $eq: owner } })
        const found = await fieldsOfAll(dataKeys.find({ $and: wanted }, { sort: { id: 1 }, limit }))
        const entries = [...new Set(found.map((document) => activeId(scopeOf(document))))]
        const named = entries.length === 0 ? [] : await fieldsOfAll(meta.find({ _id: { $in: entries } }))
        const active = new Map(named.map(({ _id, id }) => [_id, String(id)]))
        return found.map((document) => keyOf(document, active.get(activeId(scopeOf(document)))))
      })
    },
  }
}

type Steps = ReturnType<typeof stepsOn>

function stepsOn({ dataKeys, meta }: Collections, confirmAbsence: Engine['confirmAbsence']) {
  /** The id in the entry of a scope, whether or not there is such a key. */
  async function namedActive(scope: DataKeyScope): Promise<string | undefined> {
    const entry = fieldsOf(await meta.findOne({ _id: activeId(scope) }))
    return entry === undefined ? undefined : String(entry['id'])
  }

  const findDocument = async ({ id, scope }: Place): Promise<Fields | undefined> =>
    fieldsOf(await dataKeys.findOne({ ...filterOf(scope), id: { $eq: id } }))

  async function find(place: Place): Promise<StoredDataKey | undefined> {
    const [document, active] = await Promise.all([findDocument(place), namedActive(place.scope)])
    if (document === undefined) await confirmAbsence()
    return document && keyOf(document, active)
  }

  async function findActive(scope: DataKeyScope): Promise<StoredDataKey | undefined> {
    const id = await namedActive(scope)
    const document = id === undefined ? undefined : await findDocument({ id, scope })
    return document && keyOf(document, id)
  }

  const deactivate = ({ id, scope }: Place): Promise<unknown> =>
    meta.deleteOne({ _id: activeId(scope), id: { $eq: id } })

  /** False when another key is active. */
  async function activate({ id, scope }: Place): Promise<boolean> {
    const insertEntry = (): Promise<boolean> => unlessDuplicate(() => meta.insertOne({ _id: activeId(scope), id }))
    if (await insertEntry()) return true
    const named = await namedActive(scope)
    if (named === undefined || named === id) return named === id || (await insertEntry())
    if ((await findDocument({ id: named, scope })) !== undefined) return false
    await deactivate({ id: named, scope })
    return await insertEntry()
  }

  async function insert(row: StoredDataKey): Promise<StoredDataKey> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const winner = await findActive(row.scope)
      if (winner !== undefined) return winner
      const isNew = await unlessDuplicate(() => dataKeys.insertOne({ _id: identityOf(row), ...documentOf(row) }))
      const earlier = isNew ? undefined : await findDocument(row)
      if (!isNew && earlier === undefined) throw refused('A data key with this id exists already.')
      if (await activate(row)) return earlier === undefined ? row : keyOf(earlier, row.id)
      if (isNew) await dataKeys.deleteOne({ _id: identityOf(row) })
    }
    throw new VaultError('VAULT_STORE_FAILED', { detail: 'The active data key of the scope keeps changing.' })
  }

  async function replace(row: StoredDataKey, ifRevision: number): Promise<boolean> {
    const { scope, id, state } = row
    if ((await findDocument(row))?.['revision'] !== ifRevision) return false
    const active = await findActive(scope)
    if (state === 'active' && active !== undefined && active.id !== id)
      throw refused('The scope has another active data key.')
    const wanted = { ...filterOf(scope), id: { $eq: id }, revision: ifRevision }
    if ((await dataKeys.updateOne(wanted, { $set: documentOf(row) })).matchedCount !== 1) return false
    if (state !== 'active') await deactivate(row)
    else if (active === undefined) await activate(row)
    return true
  }

  return { find, findActive, deactivate, insert, replace }
}

type Place = Pick<StoredDataKey, 'id' | 'scope'>

async function fieldsOfAll(cursor: MongoCursor): Promise<readonly Fields[]> {
  return (await cursor.toArray()).map((each) => fieldsOf(each) ?? {})
}

function filterOf({ kind, owner, server }: DataKeyScope): Fields {
  return { kind: { $eq: kind }, owner: { $eq: owner }, server: { $eq: server } }
}

/** Names hold no control characters, so a line break keeps the parts apart. */
function identityOf({ scope, id }: Place): string {
  return `${scope.kind}\n${scope.owner}\n${scope.server}\n${id}`
}

/** The id of the entry of `meta` that names the active key of a scope, so that there is at most one. */
function activeId({ kind, owner, server }: DataKeyScope): string {
  return `active\n${kind}\n${owner}\n${server}`
}

/** Everything but the state, which the entry of the scope says. */
function documentOf({ id, scope, wraps, revision, createdAt }: StoredDataKey): Fields {
  const { kind, owner, server } = scope
  return { id, kind, owner, server, wraps: wraps.map((wrap) => Buffer.from(wrap)), revision, createdAt }
}

function scopeOf({ kind, owner, server }: Fields): DataKeyScope {
  return { kind: kind === 'audit' ? 'audit' : 'values', owner: String(owner), server: String(server) }
}

function keyOf(document: Fields, activeKeyId: string | undefined): StoredDataKey {
  const { id, wraps, revision, createdAt } = document
  return {
    id: String(id),
    scope: scopeOf(document),
    state: id === activeKeyId ? 'active' : 'retired',
    wraps: Array.isArray(wraps) ? wraps.map((wrap) => bytesOf(wrap) ?? new Uint8Array()) : [],
    revision: Number(revision),
    createdAt: createdAt instanceof Date ? createdAt : new Date(Number.NaN),
  }
}

function refused(detail: string): VaultError {
  return new VaultError('VAULT_STORE_FAILED', { detail, retryable: false })
}
