// A strict KMS of one region over HTTP: signatures, policies, key states, encryption contexts, and outages on command.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { freePort, loopback } from '../ports.ts'
import { isKmsFailure, type KmsFailure, kmsFailure } from './failure.ts'
import { type KmsBody, kmsOperations } from './operations.ts'
import type { PolicyDocument } from './policy.ts'
import { createRegistry, type KmsKeyControls } from './registry.ts'
import { signerOf } from './signature.ts'
import { type KmsPrincipal, kmsAccount, worldOf } from './world.ts'

/** The names of a request, for tests of what was asked. */
export interface KmsRequest {
  readonly operation: string
  readonly body: KmsBody
}

/** What happens to requests instead of an answer: an error by name, a cut connection, or silence. */
export type KmsTrouble = { readonly error: string } | 'cut' | 'silent'

export interface KmsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface KmsEndpoint extends KmsKeyControls {
  readonly url: string
  readonly region: string
  /** May do everything that key policies leave to the account. */
  readonly credentials: KmsCredentials
  /** Every request that was signed well, in order. */
  readonly requests: readonly KmsRequest[]
  /** A caller of the account with a policy of its own. */
  createPrincipal(name: string, policy: PolicyDocument): KmsPrincipal & KmsCredentials
  revoke(credentials: KmsCredentials): void
  /** What the next requests get instead of an answer. */
  trouble(trouble: KmsTrouble, requests?: number): void
  /** Changes the next answer. */
  falsify(change: (answer: KmsBody) => KmsBody): void
  /** How far the endpoint's clock is ahead of the machine's. */
  setClock(aheadMs: number): void
  stop(): Promise<void>
}

const everything: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }],
}

/** Starts an endpoint on a free port of the loopback interface. */
export async function startKmsEndpoint({
  region = 'eu-central-1',
}: {
  readonly region?: string
} = {}): Promise<KmsEndpoint> {
  const registry = createRegistry(region)
  const callers = new Map<string, KmsPrincipal & KmsCredentials>()
  const requests: KmsRequest[] = []
  let troubled: { readonly trouble: KmsTrouble; left: number } | undefined
  let change: ((answer: KmsBody) => KmsBody) | undefined
  let aheadMs = 0

  const takeTrouble = (): KmsTrouble | undefined => {
    if (troubled === undefined || troubled.left <= 0) return undefined
    troubled.left -= 1
    return troubled.trouble
  }

  function answer(request: IncomingMessage, body: Buffer): KmsBody | KmsFailure {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const { method = '', url: path = '' } = request
    const check = {
      region,
      nowMs: Date.now() + aheadMs,
      secretOf: (id: string) => callers.get(id)?.secretAccessKey,
    }
    const signer = signerOf({ method, path, headers, body }, check)
    if (typeof signer !== 'string') return signer
    const caller = callers.get(signer)
    const operation = /^TrentService\.([A-Za-z]+)$/.exec(headers['x-amz-target'] ?? '')?.[1] ?? ''
    const run = kmsOperations[operation]
    if (run === undefined || caller === undefined) return kmsFailure('UnknownOperationException')
    // The body of a request of KMS is an object of JSON.
    const asked = JSON.parse(body.toString()) as KmsBody
    requests.push({ operation, body: asked })
    try {
      const plain = run(asked, worldOf({ region, caller, ...registry.seen() }))
      const changed = change === undefined ? plain : change(plain)
      change = undefined
      return changed
    } catch (error) {
      if (isKmsFailure(error)) return error
      throw error
    }
  }

  function respond(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const trouble = takeTrouble()
    if (trouble === 'silent') return
    if (trouble === 'cut') return void response.destroy()
    const result = trouble === undefined ? answer(request, body) : kmsFailure(trouble.error)
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString())
    if (!isKmsFailure(result)) return void response.end(JSON.stringify(result))
    response.statusCode = result.status
    response.end(JSON.stringify({ __type: result.kmsFailure, message: result.message }))
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => respond(request, response, Buffer.concat(chunks)))
  })
  // A client that keeps its connections must not send on one that is closed just then.
  server.keepAliveTimeout = 0
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, loopback, resolve))

  const createPrincipal: KmsEndpoint['createPrincipal'] = (name, policy) => {
    const principal = {
      arn: `arn:aws:iam::${kmsAccount}:role/${name}`,
      policy,
      accessKeyId: `TEST${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64url'),
    }
    callers.set(principal.accessKeyId, principal)
    return principal
  }

  return {
    url: `http://${loopback}:${port}`,
    region,
    credentials: createPrincipal('administrator', everything),
    requests,
    ...registry.controls,
    createPrincipal,
    revoke: ({ accessKeyId }) => void callers.delete(accessKeyId),
    trouble(next, count = Number.POSITIVE_INFINITY) {
      troubled = { trouble: next, left: count }
    },
    falsify(next) {
      change = next
    },
    setClock(next) {
      aheadMs = next
    },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
