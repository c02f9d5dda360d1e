// Stores that reach their server through a proxy, and the way around it.
import { VaultError, type VaultStore } from '@mcpvault/core'
import { interceptStore } from '@mcpvault/core/testing'
import { type FaultProxy, type MongoServer, startProxy } from '@mcpvault/testkit'
import { type ClientWork, type ProxiedStore, untilIdle } from '@mcpvault/testkit/campaign'
import type { MongoClient } from 'mongodb'
import { vi } from 'vitest'
import { mongoStore } from '../../src/index.ts'
import { clientOn, freshStore } from './stores.ts'

/**
 * The driver never settles a command that it writes on a connection that was just closed. The time limit of a vault
 * would end the call, but its clock stands still while one is under way: after this time, in ms, the command is lost.
 */
const lostAfterMs = 10_000

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
    const { proxy, client, close } = await connect({ serverSelectionTimeoutMS: lostAfterMs })
    const work = commandsOf(client)
    return {
      proxied: endingLost(await mongoStore({ client, database: 'vaults', prefix })),
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

/** The same store, whose calls end, as by a time limit, when a command of theirs is lost. */
function endingLost(store: VaultStore): VaultStore {
  return interceptStore(store, async ({ run }) => {
    let timer: NodeJS.Timeout | undefined
    const lost = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new VaultError('VAULT_STORE_FAILED')), lostAfterMs)
    })
    try {
      return await Promise.race([run(), lost])
    } finally {
      clearTimeout(timer)
    }
  })
}

/** Counts the commands of a client, also those that nobody waits for any more, and without those that are lost. */
function commandsOf(client: MongoClient): ClientWork {
  const startedMs = new Map<number, number>()
  let begun = 0
  client.on('commandStarted', ({ requestId }) => {
    begun += 1
    startedMs.set(requestId, performance.now())
  })
  client.on('commandSucceeded', ({ requestId }) => startedMs.delete(requestId))
  client.on('commandFailed', ({ requestId }) => startedMs.delete(requestId))
  return {
    get begun() {
      return begun
    },
    get underWay() {
      return [...startedMs.values()].filter((ms) => performance.now() - ms < lostAfterMs).length
    },
  }
}
