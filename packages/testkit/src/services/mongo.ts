// A server of the MongoDB wire protocol: mongod where there is one, else one that a Python package carries.
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findMongo } from '../install/find-servers.ts'
import { accepts, freePort, loopback } from '../ports.ts'
import { startServer } from '../run/server.ts'
import type { Way } from '../ways.ts'

export interface MongoOptions {
  /** A deployment that does not say it is a replica set. */
  readonly standalone?: boolean
}

export interface MongoServer {
  readonly url: string
  readonly host: string
  readonly port: number
  /** How the tests came by it. */
  readonly way: Way
  /** Where its files are; absent for a server that was given. */
  readonly folder?: string
  /** Starts it again so that it serves none but its users, each by the rights of its roles. */
  refuseStrangers(): Promise<void>
  /** Ends it in good order, or as a crash does; `start` brings it back with its data. */
  pause(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts a server, or gives the one that `MCPVAULT_TEST_MONGO_URL` names. */
export async function startMongo({ standalone }: MongoOptions = {}): Promise<MongoServer> {
  const given = process.env['MCPVAULT_TEST_MONGO_URL']
  if (given !== undefined && standalone !== true) return givenServer(given)
  const { way, what } = await findMongo()
  const port = await freePort()
  const at = { host: loopback, port }
  const { kind, program } = what
  let usersOnly = false
  const server = await startServer({
    name: 'mongo',
    program,
    args: (folder) => argsOf[kind]({ port, folder, standalone: standalone === true, usersOnly }),
    async prepare(folder) {
      mkdirSync(join(folder, 'data'))
      writeFileSync(join(folder, 'key'), randomBytes(48).toString('base64'), { mode: 0o600 })
    },
    ready: () => accepts(at),
  })
  if (kind === 'mongod' && standalone !== true) await initiate(at)
  return {
    url: `mongodb://${loopback}:${port}/?directConnection=true`,
    ...at,
    way,
    folder: server.folder,
    async refuseStrangers() {
      await server.pause()
      usersOnly = true
      await server.start()
    },
    pause: server.pause,
    kill: server.kill,
    start: server.start,
    stop: server.remove,
  }
}

interface Launch {
  readonly port: number
  readonly folder: string
  readonly standalone: boolean
  readonly usersOnly: boolean
}

const argsOf = {
  mongod: ({ port, folder, standalone, usersOnly }: Launch): readonly string[] => [
    ...['--port', String(port), '--bind_ip', loopback, '--dbpath', join(folder, 'data')],
    ...['--setParameter', 'enableTestCommands=1'],
    ...(standalone ? [] : ['--replSet', 'rs']),
    // The members of a replica set know each other by a key, also where there is one.
    ...(usersOnly ? ['--auth', '--keyFile', join(folder, 'key')] : []),
  ],
  secantus: ({ port, folder, standalone, usersOnly }: Launch): readonly string[] => [
    ...['--port', String(port), '--storage-path', join(folder, 'data'), '--sync-on-commit'],
    ...['--log-file-max', '128MB', '--cache-size', '256M'],
    ...(standalone ? ['--standalone'] : []),
    ...(usersOnly ? ['--auth'] : []),
  ],
}

/** Tells a mongod that it is a replica set of one, in one message of its protocol: OP_MSG with a document. */
function initiate({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  const command = document([int32('replSetInitiate'), text('$db', 'admin')])
  const body = Buffer.concat([Buffer.alloc(5), command])
  const header = Buffer.alloc(16)
  header.writeInt32LE(header.length + body.length, 0)
  header.writeInt32LE(2013, 12)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write(Buffer.concat([header, body])))
    socket.once('error', reject)
    socket.once('data', () => {
      socket.destroy()
      resolve()
    })
  })
}

function document(elements: readonly Buffer[]): Buffer {
  const inner = Buffer.concat([...elements, Buffer.alloc(1)])
  const length = Buffer.alloc(4)
  length.writeInt32LE(inner.length + length.length)
  return Buffer.concat([length, inner])
}

function int32(name: string): Buffer {
  return Buffer.concat([Buffer.from(`\x10${name}\0`), Buffer.from([1, 0, 0, 0])])
}

function text(name: string, value: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32LE(Buffer.byteLength(value) + 1)
  return Buffer.concat([Buffer.from(`\x02${name}\0`), length, Buffer.from(`${value}\0`)])
}

function givenServer(url: string): MongoServer {
  const { hostname, port } = new URL(url)
  const refuse = async (): Promise<never> => {
    throw new Error('The server of MCPVAULT_TEST_MONGO_URL is not ours to stop or start.')
  }
  const at = { host: hostname, port: Number(port || 27_017) }
  return {
    url,
    ...at,
    way: 'url',
    refuseStrangers: refuse,
    pause: refuse,
    kill: refuse,
    start: refuse,
    stop: async () => {},
  }
}
