// The collections, their indexes, and the read and write concern of every operation.
import type { MongoCollection, MongoDatabase, MongoIndex } from './client.ts'

export interface Collections {
  readonly secrets: MongoCollection
  readonly dataKeys: MongoCollection
  readonly audit: MongoCollection
  readonly streams: MongoCollection
  readonly checkpoints: MongoCollection
  readonly meta: MongoCollection
  readonly locks: MongoCollection
}

/** For every write: a majority of the members has it in its journal. */
export const durable = Object.freeze({ writeConcern: { w: 'majority', journal: true } })

/** Set for the database and each collection, since the settings of the client belong to the caller. */
export const settings = Object.freeze({
  ...durable,
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  raw: false,
  fieldsAsRaw: {},
  promoteValues: true,
  promoteBuffers: true,
  promoteLongs: true,
  useBigInt64: false,
  bsonRegExp: false,
  serializeFunctions: false,
  enableUtf8Validation: true,
  ignoreUndefined: true,
})

export function collectionNames(prefix: string): Readonly<Record<keyof Collections, string>> {
  return {
    secrets: `${prefix}secrets`,
    dataKeys: `${prefix}data_keys`,
    audit: `${prefix}audit`,
    streams: `${prefix}streams`,
    checkpoints: `${prefix}checkpoints`,
    meta: `${prefix}meta`,
    locks: `${prefix}locks`,
  }
}

export function collectionsOf(database: MongoDatabase, prefix: string): Collections {
  const names = collectionNames(prefix)
  const open = (name: string): MongoCollection => database.collection(name, { ...settings })
  return {
    secrets: open(names.secrets),
    dataKeys: open(names.dataKeys),
    audit: open(names.audit),
    streams: open(names.streams),
    checkpoints: open(names.checkpoints),
    meta: open(names.meta),
    locks: open(names.locks),
  }
}

/** The same collections, but the signal ends every operation, also one that the driver has lost. */
export function collectionsUnder(at: Collections, signal: AbortSignal | undefined): Collections {
  if (signal === undefined) return at
  return {
    get secrets() {
      return underSignal(at.secrets, signal)
    },
    get dataKeys() {
      return underSignal(at.dataKeys, signal)
    },
    get audit() {
      return underSignal(at.audit, signal)
    },
    get streams() {
      return underSignal(at.streams, signal)
    },
    get checkpoints() {
      return underSignal(at.checkpoints, signal)
    },
    get meta() {
      return underSignal(at.meta, signal)
    },
    get locks() {
      return underSignal(at.locks, signal)
    },
  }
}

function underSignal(of: MongoCollection, signal: AbortSignal): MongoCollection {
  return {
    findOne: (filter, options) => of.findOne(filter, { ...options, signal }),
    find: (filter, options) => of.find(filter, { ...options, signal }),
    insertOne: (document, options) => of.insertOne(document, { ...options, signal }),
    insertMany: (documents, options) => of.insertMany(documents, { ...options, signal }),
    updateOne: (filter, update, options) => of.updateOne(filter, update, { ...options, signal }),
    deleteOne: (filter, options) => of.deleteOne(filter, { ...options, signal }),
    bulkWrite: (operations, options) => of.bulkWrite(operations, { ...options, signal }),
    createIndexes: (made, options) => of.createIndexes(made, { ...options, signal }),
    listIndexes: (options) => of.listIndexes({ ...options, signal }),
  }
}

const newest = { createdAt: -1, id: -1 } as const

/** Lists of all kinds end in (createdAt, id), since pages come newest first. */
export const indexes: Readonly<Partial<Record<keyof Collections, readonly MongoIndex[]>>> = Object.freeze({
  secrets: [
    { key: { owner: 1, server: 1, name: 1 }, name: 'ref', unique: true },
    { key: newest, name: 'newest' },
    { key: { owner: 1, ...newest }, name: 'owner' },
    { key: { server: 1, ...newest }, name: 'server' },
    { key: { type: 1, ...newest }, name: 'type' },
    { key: { tags: 1, ...newest }, name: 'tags' },
    { key: { grantees: 1, ...newest }, name: 'grantees' },
    { key: { dekId: 1, ...newest }, name: 'dek' },
    { key: { expiresAt: 1 }, name: 'expiry', sparse: true },
  ],
  dataKeys: [
    { key: { id: 1 }, name: 'id', unique: true },
    { key: { owner: 1, id: 1 }, name: 'owner' },
  ],
  audit: [
    { key: { stream: 1, sequence: 1 }, name: 'place', unique: true },
    ...['principal', 'owner', 'secretId', 'correlationId'].map(
      (field): MongoIndex => ({
        key: { [field]: 1, at: -1, stream: -1, sequence: -1 },
        name: field,
      }),
    ),
    { key: { at: -1, stream: -1, sequence: -1 }, name: 'at' },
  ],
  streams: [{ key: { lastAt: 1 }, name: 'last' }],
  checkpoints: [{ key: { createdAt: 1, _id: 1 }, name: 'created' }],
})
