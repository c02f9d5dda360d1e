// What the campaign through a network needs of a store, and how a client shows that nothing of it is under way.
import type { VaultStore } from '@mcpvault/core'
import type { FaultProxy } from '../fault-proxy.ts'
import { until } from '../until.ts'

/** A store for one run, in front of a server that answers all the time. */
export interface ProxiedStore {
  /** Reaches the server by the proxies alone. */
  readonly proxied: VaultStore
  /** The same data, straight from the server. */
  readonly plain: VaultStore
  /** One before each server of the deployment. */
  readonly proxies: readonly FaultProxy[]
  /** Resolves once client and server are done with everything that was asked on a connection that broke. */
  decided(): Promise<void>
  close(): Promise<void>
}

/** What a client has sent so far, and how much of it is not answered. */
export interface ClientWork {
  readonly begun: number
  readonly underWay: number
}

/**
 * Resolves once nothing is under way, nor begins while the server is asked something else: work whose caller has
 * stopped waiting may have another command to send.
 */
export async function untilIdle(work: ClientWork, roundTrip: () => Promise<unknown>): Promise<void> {
  const isIdle = async (): Promise<boolean> => {
    const { begun } = work
    if (work.underWay > 0) return false
    await roundTrip()
    return work.underWay === 0 && work.begun === begun
  }
  await until(isIdle, { what: 'A client that is done' })
}
