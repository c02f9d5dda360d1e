// The part of the caller's client that the store uses. It never closes or configures it.

/** Fields by name. */
export type Fields = Readonly<Record<string, unknown>>

/** An operation of a bulk write, as the driver names it. */
export interface MongoUpdate {
  readonly updateOne: { readonly filter: object; readonly update: object; readonly upsert?: boolean }
}

export interface MongoIndex {
  readonly key: Readonly<Record<string, 1 | -1>>
  readonly name: string
  readonly unique?: boolean
  readonly sparse?: boolean
}

export interface MongoCursor {
  toArray(): Promise<unknown[]>
}

export interface MongoChanges {
  tryNext(): Promise<unknown>
  close(): Promise<void>
}

export interface MongoCollection {
  findOne(filter: object, options?: object): Promise<unknown>
  find(filter: object, options?: object): MongoCursor
  insertOne(document: object, options?: object): Promise<unknown>
  insertMany(documents: object[], options?: object): Promise<unknown>
  updateOne(filter: object, update: object, options?: object): Promise<{ readonly matchedCount: number }>
  deleteOne(filter: object, options?: object): Promise<{ readonly deletedCount: number }>
  bulkWrite(operations: MongoUpdate[], options?: object): Promise<unknown>
  createIndexes(indexes: MongoIndex[], options?: object): Promise<unknown>
  listIndexes(options?: object): MongoCursor
}

export interface MongoDatabase {
  collection(name: string, options?: object): MongoCollection
  command(command: object, options?: object): Promise<Fields>
  watch(pipeline: object[], options?: object): MongoChanges
}

export interface MongoSession {
  startTransaction(options?: object): void
  commitTransaction(): Promise<unknown>
  abortTransaction(): Promise<unknown>
  endSession(): Promise<unknown>
}

/** The part of `MongoClient` of `mongodb` that the store uses. */
export interface MongoClient {
  db(name?: string, options?: object): MongoDatabase
  startSession(): MongoSession
  on?(event: 'topologyDescriptionChanged', listener: () => void): unknown
  readonly options: MongoSettings
}

/** The settings of the client that the store reads. */
export interface MongoSettings {
  readonly maxPoolSize?: number
  readonly tls?: boolean
  readonly tlsInsecure?: boolean | undefined
  readonly rejectUnauthorized?: boolean | undefined
  readonly checkServerIdentity?: unknown
  readonly directConnection?: boolean | undefined
  readonly loadBalanced?: boolean | undefined
  /** The name that `mongodb+srv` looks up. */
  readonly srvHost?: string | undefined
  readonly hosts?: readonly { readonly host?: string | undefined; readonly socketPath?: string | undefined }[]
}
