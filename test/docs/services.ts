// The servers that snippets talk to: a fresh one for each snippet that names the variable of its address.
import { startMongo, startPostgres, startRedis } from '@mcpvault/testkit/services'

interface Service {
  readonly url: string
  stop(): Promise<void>
}

const services: Readonly<Record<string, () => Promise<Service>>> = {
  DATABASE_URL: startPostgres,
  MONGODB_URL: startMongo,
  REDIS_URL: startRedis,
}

/** Starts the servers whose variables the code names, and stops them after `work`, which is given their addresses. */
export async function withServices<T>(
  code: string,
  work: (urls: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const urls: Record<string, string> = {}
  const running: Service[] = []
  try {
    for (const [variable, start] of Object.entries(services)) {
      if (!code.includes(variable)) continue
      const service = await start()
      running.push(service)
      urls[variable] = service.url
    }
    return await work(urls)
  } finally {
    for (const service of running) await service.stop()
  }
}
