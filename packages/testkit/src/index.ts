// The public entry of the test kit: real servers, a proxy that breaks connections, and suites that need a server.
export { describeWith } from './describe-with.ts'
export {
  type BaoServer,
  type FaultProxy,
  type MongoServer,
  type MotoServer,
  type PostgresServer,
  type RedisCluster,
  type RedisServer,
  type StoredBao,
  startBao,
  startMongo,
  startMoto,
  startPostgres,
  startProxy,
  startRedis,
  startRedisCluster,
  startStoredBao,
} from './services/index.ts'
