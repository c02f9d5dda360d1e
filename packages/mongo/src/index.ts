// The public entry of the MongoDB store.
export type { StoreLogger } from '@mcpvault/core/adapter'
export type {
  Fields,
  MongoChanges,
  MongoClient,
  MongoCollection,
  MongoCursor,
  MongoDatabase,
  MongoIndex,
  MongoSession,
  MongoSettings,
  MongoUpdate,
} from './client.ts'
export { type MongoStore, type MongoStoreOptions, mongoStore } from './mongo-store.ts'
