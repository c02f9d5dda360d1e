// A container runtime for tests: speaks the part of Docker's API that a server needs, and runs programs of the machine.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'

/** What a container is created with, as far as the daemon reads it. */
export interface ContainerRequest {
  readonly Image: string
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Env: readonly string[]
  readonly User?: string
  readonly WorkingDir: string
  readonly HostConfig: { readonly NetworkMode: string; readonly Binds: readonly string[] }
}

interface Container {
  readonly request: ContainerRequest
  child?: ChildProcess
}

export interface DockerDaemon {
  /** For `DOCKER_HOST`. */
  readonly url: string
  readonly images: ReadonlySet<string>
  /** Every container that was asked for. */
  readonly requests: readonly ContainerRequest[]
  /** Containers that are not removed. */
  containers(): number
  stop(): Promise<void>
}

/** Starts a daemon that listens in a folder. */
export async function startDockerDaemon(folder: string): Promise<DockerDaemon> {
  const images = new Set<string>()
  const requests: ContainerRequest[] = []
  const containers = new Map<string, Container>()

  const routes: readonly Route[] = [
    ['GET', /^\/info$/, () => ({ body: { OperatingSystem: 'Tests', OSType: 'linux', NCPU: 1 } })],
    ['GET', /^\/networks\/\w+$/, () => ({ body: { IPAM: { Config: [{ Gateway: '127.0.0.1' }] } } })],
    ['GET', /^\/images\/(.+)\/json$/, ([name = '']) => (images.has(name) ? { body: { Id: name } } : missing('image'))],
    ['POST', /^\/images\/create$/, (_, { query }) => pull(query)],
    ['GET', /^\/containers\/json$/, () => ({ body: [] })],
    ['POST', /^\/containers\/create$/, (_, { request }) => create(request)],
    ['POST', /^\/containers\/(\d+)\/start$/, ([id]) => run(found(id))],
    ['GET', /^\/containers\/(\d+)\/json$/, ([id = '']) => ({ body: inspected(id) })],
    ['GET', /^\/containers\/(\d+)\/logs$/, ([id], { response }) => follow(found(id), response)],
    ['POST', /^\/containers\/(\d+)\/kill$/, ([id], { query }) => kill(found(id), query)],
    ['POST', /^\/containers\/(\d+)\/wait$/, async ([id]) => ({ body: { StatusCode: await exitOf(found(id)) } })],
    ['DELETE', /^\/containers\/(\d+)$/, ([id = '']) => remove(id)],
  ]

  const found = (id = ''): Container => {
    const container = containers.get(id)
    if (container === undefined) throw new Error(`There is no container ${id}.`)
    return container
  }
  const pull = (query: URLSearchParams): Answer => {
    images.add(`${query.get('fromImage')}:${query.get('tag')}`)
    return { body: {} }
  }
  const create = async (request: IncomingMessage): Promise<Answer> => {
    // The library sends what its types say.
    const wanted = (await json(request)) as ContainerRequest
    if (!images.has(wanted.Image)) return missing('image')
    const id = String(requests.push(wanted))
    containers.set(id, { request: wanted })
    return { status: 201, body: { Id: id } }
  }
  const remove = (id: string): Answer => {
    found(id).child?.kill('SIGKILL')
    containers.delete(id)
    return { status: 204 }
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://daemon')
    const path = decodeURIComponent(pathname)
    try {
      for (const [method, pattern, answer] of routes) {
        const match = method === request.method ? pattern.exec(path) : null
        if (match === null) continue
        const result = await answer(match.slice(1), { request, response, query })
        if (result !== undefined) reply(response, result)
        return
      }
      reply(response, missing(`answer to ${request.method} ${path}`))
    } catch (error) {
      reply(response, { status: 500, body: { message: String(error) } })
    }
  })
  // The library keeps its connections, and must not send on one that is closed just then.
  server.keepAliveTimeout = 0
  const socket = join(folder, 'docker.sock')
  server.listen(socket)
  await once(server, 'listening')
  return {
    url: `unix://${socket}`,
    images,
    requests,
    containers: () => containers.size,
    async stop() {
      for (const id of [...containers.keys()]) remove(id)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Answer {
  readonly status?: number
  readonly body?: unknown
}

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

/** Without an answer the route writes the response itself. */
type Route = readonly [
  string,
  RegExp,
  (parts: readonly string[], call: Call) => Answer | undefined | Promise<Answer | undefined>,
]

function reply(response: ServerResponse, { status = 200, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

function missing(what: string): Answer {
  return { status: 404, body: { message: `no such ${what}` } }
}

function inspected(id: string): unknown {
  return {
    Id: id,
    Name: id,
    Config: { Hostname: id, Labels: {} },
    State: { Status: 'running', Running: true, StartedAt: new Date(0).toISOString() },
    HostConfig: { PortBindings: {} },
    NetworkSettings: { Ports: {}, Networks: {} },
  }
}

function run(container: Container): Answer {
  const { Entrypoint, Cmd, Env, WorkingDir } = container.request
  const [file = '', ...args] = [...Entrypoint, ...Cmd]
  const env = Object.fromEntries(
    Env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
  container.child = spawn(file, args, { cwd: WorkingDir, env, stdio: ['ignore', 'pipe', 'ignore'] })
  return { status: 204 }
}

/** Each piece of output comes in a frame: the stream, and the length. */
function follow({ child }: Container, response: ServerResponse): undefined {
  response.writeHead(200)
  child?.stdout?.on('data', (chunk: Buffer) => {
    const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
    header.writeUInt32BE(chunk.length, 4)
    response.write(Buffer.concat([header, chunk]))
  })
  child?.stdout?.once('end', () => response.end())
}

function kill({ child }: Container, query: URLSearchParams): Answer {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return { status: 409, body: {} }
  // Docker is given the names of Node.
  child.kill(query.get('signal') as NodeJS.Signals)
  return { status: 204 }
}

async function exitOf({ child }: Container): Promise<number> {
  if (child === undefined) throw new Error('The container was not started.')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? 137
}
