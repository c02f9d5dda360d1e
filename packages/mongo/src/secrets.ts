// Secrets: one document each, replaced by compare-and-swap on its revision.
import type { PutOptions, SecretQuery, SecretRef, SecretStore, StoredSecret, VersionSelection } from '@mcpvault/core'
import {
  allEnvelopes,
  decodeSecretRecord,
  type EnvelopeOf,
  encodeSecretRecord,
  oneEnvelope,
  refuseFork,
} from '@mcpvault/core/adapter'
import { appendWith } from './audit.ts'
import type { Fields } from './client.ts'
import { bytesOf, type Engine, fieldsOf, signalOnly, type Within } from './engine.ts'
import { unlessDuplicate } from './errors.ts'

const placeFields = { owner: 1, server: 1, name: 1, id: 1, revision: 1, createdAt: 1 } as const
const recordFields = { ...placeFields, record: 1, useCount: 1, lastUsedAt: 1 } as const
const withoutEnvelopes = { versions: 0, envelope: 0 } as const

export function mongoSecrets(engine: Engine): SecretStore {
  async function write(options: PutOptions, apply: (within: Within) => Promise<boolean>): Promise<boolean> {
    const { audit: rows = [] } = options
    if (rows.length === 0) return await engine.call(options, () => apply(signalOnly(options.signal)))
    return refuseFork(await appendWith(engine, { rows, options, apply }))
  }

  return {
    find(ref, versions, options) {
      return engine.call(options, async (at) => {
        const found = await at.secrets.findOne(filterOf(ref), { projection: projectionOf(versions) })
        if (found === null) await engine.confirmAbsence()
        return recordOf(fieldsOf(found), (document) => envelopesIn(document, versions))
      })
    },
    findAll({ owner, server }, { limit, ...options }) {
      return engine.call(options, async (at) => {
        const wanted = { owner, server, state: { $in: ['active', 'inactive'] } }
        const page = { projection: { versions: 0 }, sort: { name: 1 }, limit }
        const found = await at.secrets.find(wanted, page).toArray()
        if (found.length === 0) await engine.confirmAbsence()
        return found.flatMap((each) => recordOf(fieldsOf(each), (document) => envelopesIn(document, 'current')) ?? [])
      })
    },
    put(record, options) {
      return write(options, (within) =>
        options.ifRevision === 0
          ? insert({ engine, within }, record)
          : update({ engine, within }, { record, ifRevision: options.ifRevision }),
      )
    },
    remove(ref, options) {
      return write(options, async (within) => {
        const filter = { ...filterOf(ref), ...revisionFilter(options.ifRevision) }
        return (await engine.at.secrets.deleteOne(filter, within)).deletedCount === 1
      })
    },
    list(query, options) {
      return engine.call(options, async (at) => {
        const page = { projection: withoutEnvelopes, sort: { createdAt: -1, id: -1 }, limit: query.limit }
        const found = await at.secrets.find(listFilter(query), page).toArray()
        if (found.length === 0) await engine.confirmAbsence()
        return found.flatMap((each) => recordOf(fieldsOf(each)) ?? [])
      })
    },
    async touch(batch, options) {
      if (batch.length === 0) return
      await engine.call(options, (at) =>
        at.secrets.bulkWrite(
          batch.map(({ ref, id, uses, lastUsedAt }) => ({
            updateOne: {
              filter: { ...filterOf(ref), id },
              update: { $inc: { useCount: uses }, $max: { lastUsedAt } },
            },
          })),
          { ordered: false },
        ),
      )
    },
  }
}

interface Parts {
  readonly engine: Engine
  readonly within: Within
}

async function insert({ engine, within }: Parts, record: StoredSecret): Promise<boolean> {
  const { useCount, lastUsedAt } = record
  const counters = lastUsedAt === undefined ? { useCount } : { useCount, lastUsedAt }
  const document = { _id: identityOf(record.ref), ...documentOf(record, new Map()), ...counters }
  // A transaction is over after a duplicate, and nothing else of it has to happen.
  return await unlessDuplicate(() => engine.at.secrets.insertOne(document, within))
}

/** A revision that is no number is found by that alone. */
function revisionFilter(ifRevision: number): Fields {
  return { revision: Number.isNaN(ifRevision) ? { $not: { $type: 'number' } } : ifRevision }
}

interface Update {
  readonly record: StoredSecret
  readonly ifRevision: number
}

async function update({ engine, within }: Parts, { record, ifRevision }: Update): Promise<boolean> {
  const { secrets } = engine.at
  const filter = { ...filterOf(record.ref), revision: ifRevision }
  let kept: ReadonlyMap<number, Buffer> = new Map()
  if (record.versions.some(({ envelope }) => envelope === undefined)) {
    const stored = fieldsOf(await secrets.findOne(filter, { ...within, projection: { versions: 1 } }))
    if (stored === undefined) return false
    kept = storedEnvelopes(stored)
  }
  const fields = documentOf(record, kept)
  const absent = ['description', 'expiresAt', 'envelope'].filter((name) => !(name in fields))
  const gone = absent.length === 0 ? {} : { $unset: Object.fromEntries(absent.map((name) => [name, ''])) }
  return (await secrets.updateOne(filter, { $set: fields, ...gone }, within)).matchedCount === 1
}

/** Everything but the counters of use, which an update keeps. */
function documentOf(record: StoredSecret, kept: ReadonlyMap<number, Buffer>): Fields {
  const { ref, id, revision, state, type, tier, dekId, createdAt, expiresAt, tags, grants } = record
  const versions = record.versions.flatMap(({ version, envelope }) => {
    const bytes = envelope === undefined ? kept.get(version) : Buffer.from(envelope)
    return bytes === undefined ? [] : [{ version, envelope: bytes }]
  })
  const current = versions.find(({ version }) => version === record.currentVersion)
  return {
    owner: ref.owner,
    server: ref.server,
    name: ref.name,
    id,
    revision,
    state,
    type,
    tier,
    dekId,
    createdAt,
    tags: [...tags],
    grantees: grants.map(({ principal }) => principal),
    record: Buffer.from(encodeSecretRecord(record)),
    versions,
    ...(current === undefined ? {} : { envelope: current.envelope }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

function storedEnvelopes(document: Fields): ReadonlyMap<number, Buffer> {
  const versions = Array.isArray(document['versions']) ? document['versions'] : []
  return new Map(
    versions.flatMap((each) => {
      const fields = fieldsOf(each)
      return fields === undefined ? [] : [[Number(fields['version']), bytesOf(fields['envelope']) ?? Buffer.alloc(0)]]
    }),
  )
}

function envelopesIn(document: Fields, versions: VersionSelection): EnvelopeOf {
  if (versions === 'current') return oneEnvelope('current', bytesOf(document['envelope']))
  const stored = storedEnvelopes(document)
  return versions === 'all' ? allEnvelopes(stored) : oneEnvelope(versions, stored.get(versions))
}

function recordOf(
  document: Fields | undefined,
  envelopesOf?: (document: Fields) => EnvelopeOf,
): StoredSecret | undefined {
  if (document === undefined) return undefined
  const { owner, server, name, id, revision, createdAt, record, useCount, lastUsedAt } = document
  return decodeSecretRecord(bytesOf(record), {
    ref: { owner: String(owner), server: String(server), name: String(name) },
    id: String(id),
    revision: typeof revision === 'number' ? revision : Number.NaN,
    createdAtMs: createdAt instanceof Date ? createdAt.getTime() : Number.NaN,
    useCount: Number(useCount),
    lastUsedAtMs: lastUsedAt instanceof Date ? lastUsedAt.getTime() : null,
    ...(envelopesOf && { envelopeOf: envelopesOf(document) }),
  })
}

function projectionOf(versions: VersionSelection): Fields {
  if (versions === 'current') return { versions: 0 }
  if (versions === 'all') return { envelope: 0 }
  return { ...recordFields, versions: { $elemMatch: { version: versions } } }
}

function filterOf({ owner, server, name }: SecretRef): Fields {
  return { owner: literal(owner), server: literal(server), name: literal(name) }
}

/** Compared as it is, whatever it looks like. */
function literal(value: string): Fields {
  return { $eq: value }
}

/** Names hold no control characters, so a line break keeps the parts apart. */
export function identityOf({ owner, server, name }: SecretRef): string {
  return `${owner}\n${server}\n${name}`
}

function listFilter(query: SecretQuery): Fields {
  const { owner, notOwner, server, visibleTo, type, tier, dekId, states, tagsAny, tagsAll, expiresBefore, after } =
    query
  const wanted: Fields[] = []
  const equal = { owner, server, type, tier, dekId }
  for (const [name, value] of Object.entries(equal)) if (value !== undefined) wanted.push({ [name]: { $eq: value } })
  if (states !== undefined) wanted.push({ state: { $in: [...states] } })
  if (tagsAny !== undefined) wanted.push({ tags: { $in: [...tagsAny] } })
  if (tagsAll !== undefined && tagsAll.length > 0) wanted.push({ tags: { $all: [...tagsAll] } })
  if (expiresBefore !== undefined) wanted.push({ expiresAt: { $lt: expiresBefore } })
  if (notOwner !== undefined) wanted.push({ owner: { $ne: notOwner } })
  if (visibleTo !== undefined) {
    const granted = { grantees: literal(visibleTo) }
    wanted.push(notOwner === visibleTo ? granted : { $or: [{ owner: literal(visibleTo) }, granted] })
  }
  if (after !== undefined) {
    const { createdAt, id } = after
    wanted.push({ $or: [{ createdAt: { $lt: createdAt } }, { createdAt: { $eq: createdAt }, id: { $lt: id } }] })
  }
  return wanted.length === 0 ? {} : { $and: wanted }
}
