// The servers that snippets talk to: a fresh one for each snippet that names the variable of its address.
import { startKmsEndpoint } from '@mcpvault/testkit/kms'
import { startBao, startMongo, startPostgres, startRedis } from '@mcpvault/testkit/services'

interface Service {
  /** The variables that lead to it. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** By the variable whose name in a snippet asks for the server. */
const services: Readonly<Record<string, () => Promise<Service>>> = {
  DATABASE_URL: () => withUrl('DATABASE_URL', startPostgres),
  MONGODB_URL: () => withUrl('MONGODB_URL', startMongo),
  REDIS_URL: () => withUrl('REDIS_URL', startRedis),
  KMS_KEY_ARN: startKms,
  BAO_TOKEN: startTransit,
}

/** Starts the servers whose variables the code names, and stops them after `work`, which is given their variables. */
export async function withServices<T>(
  code: string,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const running: Service[] = []
  try {
    for (const [variable, start] of Object.entries(services)) {
      if (code.includes(variable)) running.push(await start())
    }
    return await work(Object.assign({}, ...running.map(({ env }) => env)))
  } finally {
    for (const service of running) await service.stop()
  }
}

async function withUrl(
  variable: string,
  start: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
): Promise<Service> {
  const { url, stop } = await start()
  return { env: { [variable]: url }, stop }
}

/** A KMS, with the variables by which the client of AWS finds it. */
async function startKms(): Promise<Service> {
  const kms = await startKmsEndpoint()
  return {
    env: {
      KMS_KEY_ARN: kms.createKey(),
      AWS_ENDPOINT_URL_KMS: kms.url,
      AWS_REGION: kms.region,
      AWS_ACCESS_KEY_ID: kms.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: kms.credentials.secretAccessKey,
    },
    stop: kms.stop,
  }
}

/** An OpenBao with a transit engine and a derived key. */
async function startTransit(): Promise<Service> {
  const { url, token, stop } = await startBao()
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { 'x-vault-token': token }
    const { ok, status } = await fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!ok) throw new Error(`bao answered ${status} to ${path}`)
  }
  await post('sys/mounts/transit', { type: 'transit' })
  await post('transit/keys/mcpvault', { derived: true })
  return { env: { BAO_ADDR: url, BAO_TOKEN: token }, stop }
}
