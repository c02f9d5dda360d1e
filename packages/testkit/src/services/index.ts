// The servers and the proxy, for programs that run outside of a test runner.
export { type FaultProxy, startProxy } from '../fault-proxy.ts'
export { type BaoServer, startBao } from './bao.ts'
export { type MongoServer, startMongo } from './mongo.ts'
export { type MotoServer, startMoto } from './moto.ts'
export { type PostgresServer, startPostgres } from './postgres.ts'
export { type RedisServer, startRedis } from './redis.ts'
export { type RedisCluster, startRedisCluster } from './redis-cluster.ts'
export { type StoredBao, startStoredBao } from './stored-bao.ts'
