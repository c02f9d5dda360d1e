// The KMS of moto, or one that the environment names. It does not look at key states, signatures or policies.
import { findMoto } from '../install/find-servers.ts'
import type { KmsCredentials } from '../kms/index.ts'
import { accepts, freePort, loopback } from '../ports.ts'
import { startServer } from '../run/server.ts'
import type { Way } from '../ways.ts'

export interface MotoServer {
  readonly url: string
  readonly region: string
  readonly credentials: KmsCredentials
  /** How the tests came by it. */
  readonly way: Way
  /** Ends it; its keys are gone. */
  stop(): Promise<void>
}

/** moto takes any. */
const credentials = Object.freeze({ accessKeyId: 'test', secretAccessKey: 'test' })

/**
 * Starts a moto, or gives the endpoint that `MCPVAULT_TEST_KMS_ENDPOINT` names, in the region and with the credentials of
 * the usual variables of AWS.
 */
export async function startMoto(): Promise<MotoServer> {
  const { env } = process
  const given = env['MCPVAULT_TEST_KMS_ENDPOINT']
  const region = env['AWS_REGION'] ?? 'eu-central-1'
  if (given !== undefined) {
    const { AWS_ACCESS_KEY_ID: accessKeyId = 'test', AWS_SECRET_ACCESS_KEY: secretAccessKey = 'test' } = env
    return { url: given, region, credentials: { accessKeyId, secretAccessKey }, way: 'url', stop: async () => {} }
  }
  const { way, what: program } = await findMoto()
  const port = await freePort()
  const server = await startServer({
    name: 'moto',
    program,
    args: () => ['-H', loopback, '-p', String(port)],
    ready: () => accepts({ host: loopback, port }),
  })
  return { url: `http://${loopback}:${port}`, region, credentials, way, stop: server.remove }
}
