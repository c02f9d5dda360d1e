// The public entry of the MongoDB store.
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
