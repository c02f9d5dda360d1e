// Redis servers, and replicas of them.
import { findRedis } from '../install/find-servers.ts'
import { freePort, loopback } from '../ports.ts'
import { startServer } from '../run/server.ts'
import type { Way } from '../ways.ts'
import { sendRedisCommand } from './redis-command.ts'

export interface RedisOptions {
  /** When the append-only file reaches the disk; `off` for no such file. Default `always`. */
  readonly appendfsync?: 'always' | 'everysec' | 'no' | 'off'
  /** Follows this server. */
  readonly replicaOf?: Pick<RedisServer, 'host' | 'port'>
  /** Further settings by name. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface RedisServer {
  readonly url: string
  readonly host: string
  readonly port: number
  /** How the tests came by it. */
  readonly way: Way
  /** Sends one command and gives its reply. */
  call(...command: [string, ...string[]]): Promise<unknown>
  /** Ends it in good order, or as a crash does; `start` brings it back with its data. */
  pause(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts a Redis, or gives the one that `MCPVAULT_TEST_REDIS_URL` names. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const given = process.env['MCPVAULT_TEST_REDIS_URL']
  if (given !== undefined && Object.keys(options).length === 0) return givenServer(given)
  const { way, what: program } = await findRedis()
  const port = await freePort()
  const address = addressOf({ port, way })
  const server = await startServer({
    name: 'redis',
    program,
    args: (folder) => ['--port', String(port), '--bind', loopback, '--dir', folder, ...settingsOf(options)],
    ready: () => isUp(address.url),
  })
  return {
    ...address,
    pause: server.pause,
    kill: server.kill,
    start: server.start,
    stop: server.remove,
  }
}

function settingsOf({ appendfsync = 'always', replicaOf, settings = {} }: RedisOptions): string[] {
  const all: Readonly<Record<string, string>> = {
    save: '',
    ...(appendfsync === 'off' ? { appendonly: 'no' } : { appendonly: 'yes', appendfsync }),
    'repl-diskless-sync-delay': '0',
    ...settings,
  }
  const named = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  return replicaOf === undefined ? named : [...named, '--replicaof', replicaOf.host, String(replicaOf.port)]
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await sendRedisCommand(url, ['PING'])) === 'PONG'
  } catch {
    return false
  }
}

function addressOf({ port, way }: { readonly port: number; readonly way: Way }) {
  const url = `redis://${loopback}:${port}`
  return { url, host: loopback, port, way, call: (...command: [string, ...string[]]) => sendRedisCommand(url, command) }
}

function givenServer(url: string): RedisServer {
  const { hostname, port } = new URL(url)
  const refuse = async (): Promise<never> => {
    throw new Error('The server of MCPVAULT_TEST_REDIS_URL is not ours to stop or start.')
  }
  return {
    url,
    host: hostname,
    port: Number(port || 6379),
    way: 'url',
    call: (...command) => sendRedisCommand(url, command),
    pause: refuse,
    kill: refuse,
    start: refuse,
    stop: async () => {},
  }
}
