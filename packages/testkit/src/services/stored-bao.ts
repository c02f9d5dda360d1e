// An OpenBao that keeps its data in files, as in production: it starts sealed, and can be sealed, killed and restarted.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findBao } from '../install/find-servers.ts'
import { freePort, loopback } from '../ports.ts'
import { startServer } from '../run/server.ts'
import { until } from '../until.ts'

export interface StoredBao {
  readonly url: string
  /** The root token: it may do everything. */
  readonly token: string
  /** Sends a request as root and gives the JSON of the answer, or undefined for an empty one. */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown>
  seal(): Promise<void>
  unseal(): Promise<void>
  /** Ends it as a crash does; `start` brings it back, sealed. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts a new one, unsealed. */
export async function startStoredBao(): Promise<StoredBao> {
  const { what: program } = await findBao()
  const port = await freePort()
  const clusterPort = await freePort()
  const url = `http://${loopback}:${port}`
  const server = await startServer({
    name: 'bao',
    program,
    args: (folder) => ['server', `-config=${join(folder, 'bao.json')}`],
    async prepare(folder) {
      const path = join(folder, 'data')
      mkdirSync(path)
      const settings = {
        storage: { raft: { path, node_id: 'one' } },
        listener: { tcp: { address: `${loopback}:${port}`, tls_disable: true } },
        api_addr: url,
        cluster_addr: `http://${loopback}:${clusterPort}`,
      }
      writeFileSync(join(folder, 'bao.json'), JSON.stringify(settings), { mode: 0o600 })
    },
    // A server that is sealed or new answers as well.
    ready: () =>
      fetch(`${url}/v1/sys/health`).then(
        () => true,
        () => false,
      ),
  })
  const { keys_base64: keys = [], root_token: token = '' } = initAnswer(
    await request({ url, method: 'PUT', path: 'sys/init', body: { secret_shares: 1, secret_threshold: 1 } }),
  )
  const call: StoredBao['call'] = (method, path, body) => request({ url, method, path, body, token })
  const unseal = async (): Promise<void> => {
    await call('PUT', 'sys/unseal', { key: keys[0] })
    // It serves once it has elected itself.
    await until(async () => (await fetch(`${url}/v1/sys/health`)).status === 200, { what: 'The unsealing of bao' })
  }
  await unseal()
  return {
    url,
    token,
    call,
    seal: async () => void (await call('PUT', 'sys/seal', {})),
    unseal,
    kill: server.kill,
    start: server.start,
    stop: server.remove,
  }
}

interface Request {
  readonly url: string
  readonly method: string
  readonly path: string
  readonly body?: object | undefined
  readonly token?: string
}

async function request({ url, method, path, body, token }: Request): Promise<unknown> {
  const response = await fetch(`${url}/v1/${path}`, {
    method,
    headers: token === undefined ? {} : { 'x-vault-token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`bao answered ${response.status} to ${method} ${path}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

interface InitAnswer {
  readonly keys_base64?: readonly string[]
  readonly root_token?: string
}

function initAnswer(answer: unknown): InitAnswer {
  return typeof answer === 'object' && answer !== null ? { ...answer } : {}
}
