// Faults that every store must survive: connections that end after any byte, and a server that is killed.
import {
  createVault,
  isVaultError,
  type KeyProvider,
  type SecretScope,
  type StoredSecret,
  type VaultStore,
} from '@mcpvault/core'
import { nextRevision, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { expect } from 'vitest'
import { eventually } from '../eventually.ts'
import type { FaultProxy } from '../fault-proxy.ts'
import { operatorPrincipal, testPolicy } from '../vaults/principals.ts'

/** What work throws, or what it gives. */
export async function errorOf(work: () => PromiseLike<unknown> | unknown): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    return error
  }
}

export interface Cuts {
  readonly scope: SecretScope
  readonly proxies: readonly FaultProxy[]
  /** Fewer acknowledged writes mean that the cuts broke everything, and the test has shown nothing. */
  readonly acknowledgedAbove: number
  /** From one cut to the next. Default 83. */
  readonly everyBytes?: number
  /** Where the last one is. Default 1,500. */
  readonly maxBytes?: number
}

/** Versions that were acknowledged, with their values. */
export type Acknowledged = ReadonlyMap<number, string>

/** Sets `token` again and again while every proxy cuts its connections somewhere else each time. */
export async function setThroughCuts(cuts: Cuts): Promise<Acknowledged> {
  const { scope, proxies, acknowledgedAbove, everyBytes = 83, maxBytes = 1_500 } = cuts
  const acknowledged = new Map<number, string>()
  for (let bytes = 0; bytes < maxBytes; bytes += everyBytes) {
    for (const direction of ['toServer', 'toClient'] as const) {
      for (const proxy of proxies) proxy.cutAfter({ bytes, direction })
      const value = `${direction} ${bytes}`
      const answer = await errorOf(() => scope.set('token', value))
      for (const proxy of proxies) proxy.pass()
      // The event of a failed write waits in the trail. Once an event behind it is stored, the next cut meets a write alone.
      await eventually(() => scope.describe('token'))
      if (answer instanceof Error) {
        expect(answer).toMatchObject({ retryable: true })
        expect(isVaultError(answer, 'VAULT_STORE_FAILED') || isVaultError(answer, 'VAULT_AUDIT_FAILED')).toBe(true)
      } else if (typeof answer === 'object' && answer !== null && 'version' in answer) {
        expect(acknowledged.has(Number(answer.version))).toBe(false)
        acknowledged.set(Number(answer.version), value)
      }
    }
  }
  expect(acknowledged.size).toBeGreaterThan(acknowledgedAbove)
  return acknowledged
}

interface Kept {
  readonly store: VaultStore
  readonly keys: KeyProvider
  readonly acknowledged: Acknowledged
}

/** Nothing acknowledged is lost, no version is left out, and the trail is whole. */
export async function expectKept({ store, keys, acknowledged }: Kept): Promise<void> {
  const fresh = createVault({ keys, store, policy: testPolicy })
  const alice = fresh.as({ id: 'alice' }).scope({ server: 'github' })
  const kept = (await alice.history('token')) ?? []
  expect(kept.map(({ version }) => version)).toEqual(kept.map((_, index) => (kept[0]?.version ?? 0) - index))
  for (const [version, value] of acknowledged) expect((await alice.get('token', { version }))?.reveal()).toBe(value)
  expect((await fresh.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
  await fresh.close()
}

export interface Kills {
  readonly store: VaultStore
  readonly server: { kill(): Promise<void>; start(): Promise<void> }
  /** Resolves once a client of the server that was started again works. */
  readonly isBack?: () => Promise<unknown>
}

const rounds = 3
const writers = 8

/** Kills the server under 8 writers, again and again; everything acknowledged is there afterwards. */
export async function writeThroughKills({ store, server, isBack }: Kills): Promise<void> {
  const acknowledged: StoredSecret[] = []
  for (let round = 0; round < rounds; round += 1) {
    const before = acknowledged.length
    const writing = Array.from({ length: writers }, async (_, writer) => {
      for (let turn = 0; ; turn += 1) {
        const name = `${round} ${writer} ${turn}`
        const first = sampleSecret({ ref: sampleRef({ name }), id: name })
        for (const [record, ifRevision] of [[first, 0] as const, [nextRevision(first), first.revision] as const]) {
          const answer = await errorOf(() => store.secrets.put(record, { ifRevision }))
          if (answer !== true) return answer
          acknowledged.push(record)
        }
      }
    })
    await eventually(() => expect(acknowledged.length).toBeGreaterThan(before + 40))
    await server.kill()
    for (const answer of await Promise.all(writing)) {
      expect(answer).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
    }
    await server.start()
    if (isBack !== undefined) await eventually(isBack)
  }
  for (const { ref, revision } of acknowledged) {
    const found = await store.secrets.find(ref, 'current')
    expect(found?.revision ?? 0, ref.name).toBeGreaterThanOrEqual(revision)
    expect(found?.versions.some(({ envelope }) => envelope !== undefined)).toBe(true)
  }
}
