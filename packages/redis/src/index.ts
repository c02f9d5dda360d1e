// The public entry of the Redis store.
export type { RedisArgument, RedisClient, RedisNode, RedisSettings, RedisSubscriber } from './client.ts'
export type { StoreLogger } from './plain-connections.ts'
export { type RedisStore, type RedisStoreOptions, redisStore } from './redis-store.ts'
