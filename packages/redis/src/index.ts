// The public entry of the Redis store.
export type { StoreLogger } from '@mcpvault/core/adapter'
export type { RedisArgument, RedisClient, RedisNode, RedisSettings, RedisSubscriber } from './client.ts'
export { type RedisStore, type RedisStoreOptions, redisStore } from './redis-store.ts'
