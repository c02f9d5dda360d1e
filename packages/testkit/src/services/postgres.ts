// Postgres servers with durable writes, and streaming replicas of them.
import pg from 'pg'
import { findPostgres, postgresOfMachine, serverUser } from '../install/find-servers.ts'
import { freePort, loopback } from '../ports.ts'
import { isImage } from '../run/launch.ts'
import { type Server, startServer } from '../run/server.ts'
import { until } from '../until.ts'
import type { Way } from '../ways.ts'
import {
  copyData,
  dataIn,
  initialiseData,
  type PostgresPrograms,
  postgresTool,
  serverOf,
  superuser,
  type Workplace,
} from './postgres-programs.ts'

export interface PostgresOptions {
  /** Settings of the server, such as `deadlock_timeout`. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface PostgresServer {
  /** As the superuser, on the database `postgres`. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** How the tests came by it. */
  readonly way: Way
  /** The address of a new, empty database. */
  newDatabase(): Promise<string>
  /** The path of a client program. */
  tool(name: 'pg_dump' | 'psql' | 'pg_basebackup'): Promise<string>
  /** A streaming replica, which accepts reads. */
  standby(): Promise<PostgresServer>
  /** Ends it in good order, or as a crash does; `start` brings it back with its data. */
  pause(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts a Postgres, or gives the one that `MCPVAULT_TEST_POSTGRES_URL` names. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const given = process.env['MCPVAULT_TEST_POSTGRES_URL']
  if (given !== undefined) return givenServer(given)
  const { way, what: programs } = await findPostgres()
  const prepare = (workplace: Workplace) => initialiseData(programs, workplace)
  return await launch({ way, programs, settings: options.settings ?? {}, prepare })
}

interface PostgresLaunch {
  readonly way: Way
  readonly programs: PostgresPrograms
  readonly settings: Readonly<Record<string, string>>
  /** Fills the folder of a new server. */
  prepare(workplace: Workplace): Promise<void>
}

async function launch(options: PostgresLaunch): Promise<PostgresServer> {
  const { way, programs, settings, prepare } = options
  const port = await freePort()
  const user = await serverUser()
  const url = urlOf({ port, database: 'postgres' })
  const all = {
    listen_addresses: loopback,
    ...(isImage(programs) ? {} : { unix_socket_directories: '' }),
    max_connections: '200',
    wal_level: 'replica',
    max_wal_senders: '4',
    ...settings,
  }
  const server = await startServer({
    name: 'postgres',
    ...serverOf(programs),
    args: (folder) => [
      ...['-D', dataIn(folder), '-p', String(port)],
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    prepare: (folder) => prepare({ folder, user }),
    ready: () => answers(url),
    user,
    // Fast: connections are ended, and nothing that was committed is lost.
    stopSignal: 'SIGINT',
  })
  const at = { host: loopback, port }
  return {
    url,
    ...at,
    way,
    newDatabase: () => createDatabase(url),
    tool: async (name) => postgresTool(programs, name),
    standby: () => launch({ ...options, prepare: (workplace) => copyData(programs, { ...workplace, ...at }) }),
    pause: server.pause,
    kill: server.kill,
    start: () => until(() => startsAgain(server), { what: 'The end of what a crashed Postgres left behind' }),
    stop: server.remove,
  }
}

/** False while processes of a server that was killed still hold its memory; they end by themselves. */
async function startsAgain(server: Server): Promise<boolean> {
  try {
    await server.start()
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('pre-existing shared memory block')) return false
    throw error
  }
}

function givenServer(url: string): PostgresServer {
  const { hostname, port } = new URL(url)
  const refuse = async (): Promise<never> => {
    throw new Error('The server of MCPVAULT_TEST_POSTGRES_URL is not ours to stop, start or copy.')
  }
  return {
    url,
    host: hostname,
    port: Number(port || 5432),
    way: 'url',
    newDatabase: () => createDatabase(url),
    tool: async (name) => postgresTool(postgresOfMachine(), name),
    standby: refuse,
    pause: refuse,
    kill: refuse,
    start: refuse,
    stop: async () => {},
  }
}

function urlOf({ port, database }: { readonly port: number; readonly database: string }): string {
  return `postgres://${superuser}@${loopback}:${port}/${database}`
}

let databases = 0

async function createDatabase(url: string): Promise<string> {
  databases += 1
  const name = `test_${process.pid}_${databases}`
  await withClient(url, (client) => client.query(`CREATE DATABASE ${name}`))
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

async function answers(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('SELECT 1'))
    return true
  } catch {
    return false
  }
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end()
  }
}
