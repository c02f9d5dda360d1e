// Stores that reach their server through a proxy, and the way around it.
import { type FaultProxy, type MongoServer, startProxy } from '@mcpvault/testkit'
import { type ProxiedStore, untilIdle } from '@mcpvault/testkit/campaign'
import type { MongoClient } from 'mongodb'
import { vi } from 'vitest'
import { mongoStore } from '../../src/index.ts'
import { clientOn, freshStore } from './stores.ts'

/**
 * The driver ends its operations itself: a command that it writes on a connection as that is reset is at times never
 * settled, and the clock of a vault, which would end the call, stands still while one is under way.
 */
const limits = { timeoutMS: 10_000, serverSelectionTimeoutMS: 10_000 }

/** All clients of a server come through proxies, also the one that nothing happens to: so they can be counted. */
export async function proxiedServer(server: MongoServer) {
  const proxies = new Set<FaultProxy>()

  async function connect(options = {}) {
    const proxy = await startProxy(server)
    proxies.add(proxy)
    const url = `mongodb://${proxy.host}:${proxy.port}/?directConnection=true`
    const client = await clientOn({ url }, { monitorCommands: true, ...options })
    const close = async (): Promise<void> => {
      await client.close()
      await proxy.stop()
      proxies.delete(proxy)
    }
    return { proxy, client, close }
  }

  const direct = await connect()

  /** A connection that broke is open at the server for as long as its last command takes. */
  async function isRidOfBroken(): Promise<boolean> {
    const { connections } = await direct.client.db('admin').command({ serverStatus: 1 })
    const open = [...proxies].reduce((sum, proxy) => sum + proxy.connections(), 0)
    return connections.current <= open
  }

  async function proxiedStore(): Promise<ProxiedStore> {
    const { prefix, store: plain } = await freshStore(direct.client)
    const { proxy, client, close } = await connect(limits)
    const work = commandsOf(client)
    return {
      proxied: await mongoStore({ client, database: 'vaults', prefix }),
      plain,
      proxies: [proxy],
      async decided() {
        await untilIdle(work, isRidOfBroken)
        await vi.waitUntil(isRidOfBroken, { timeout: 20_000, interval: 5 })
      },
      close,
    }
  }

  return { client: direct.client, proxiedStore, close: direct.close }
}

/** Counts the commands of a client, also those that nobody waits for any more. */
function commandsOf(client: MongoClient) {
  const work = { begun: 0, underWay: 0 }
  client.on('commandStarted', () => {
    work.begun += 1
    work.underWay += 1
  })
  for (const end of ['commandSucceeded', 'commandFailed'] as const) {
    client.on(end, () => {
      work.underWay -= 1
    })
  }
  return work
}
