// Writes through connections that end after any byte, and what has to be left of them.
import { createVault, type KeyProvider, type SecretScope, type VaultStore } from '@mcpvault/core'
import type { FaultProxy } from '@mcpvault/testkit'
import { expect } from 'vitest'

export const operator = { id: 'root', roles: ['operator'] }
export const policy = { roles: { operator: [{ allow: ['operate', 'audit'] as const }] } }

/** Versions that were acknowledged, with their values. */
export type Acknowledged = ReadonlyMap<number, string>

/** Sets `token` again and again while every proxy cuts its connections somewhere else each time. */
export async function setThroughCuts(scope: SecretScope, proxies: readonly FaultProxy[]): Promise<Acknowledged> {
  const acknowledged = new Map<number, string>()
  for (let bytes = 0; bytes < 1_500; bytes += 83) {
    for (const direction of ['toServer', 'toClient'] as const) {
      for (const proxy of proxies) proxy.cutAfter({ bytes, direction })
      const value = `${direction} ${bytes}`
      const answer = await scope.set('token', value).catch((error: unknown) => error)
      for (const proxy of proxies) proxy.pass()
      if (answer instanceof Error) expect(answer).toMatchObject({ retryable: true })
      else if (typeof answer === 'object' && answer !== null && 'version' in answer) {
        expect(acknowledged.has(Number(answer.version))).toBe(false)
        acknowledged.set(Number(answer.version), value)
      }
    }
  }
  expect(acknowledged.size).toBeGreaterThan(20)
  return acknowledged
}

interface Kept {
  readonly store: VaultStore
  readonly keys: KeyProvider
  readonly acknowledged: Acknowledged
}

/** Nothing acknowledged is lost, no version is left out, and the trail is whole. */
export async function expectKept({ store, keys, acknowledged }: Kept): Promise<void> {
  const fresh = createVault({ keys, store, policy })
  const alice = fresh.as({ id: 'alice' }).scope({ server: 'github' })
  const kept = (await alice.history('token')) ?? []
  expect(kept.map(({ version }) => version)).toEqual(kept.map((_, index) => (kept[0]?.version ?? 0) - index))
  for (const [version, value] of acknowledged) expect((await alice.get('token', { version }))?.reveal()).toBe(value)
  expect((await fresh.operator(operator).verifyAudit()).problems).toEqual([])
  await fresh.close()
}
