// Listening by a connection that stops responding: caches are dropped in time, and later changes arrive again.
import { generateKey, type StoreChange, type VaultStore } from '@mcpvault/core'
import { type ManualClock, manualClock, sampleDataKey } from '@mcpvault/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { eventually } from '../eventually.ts'
import type { FaultProxy } from '../fault-proxy.ts'
import { operatorPrincipal } from '../vaults/principals.ts'
import { isReadable } from './staleness.ts'
import { shared, vaultOn } from './vault-jobs.ts'

export interface SilenceSetting {
  /** How often the store asks whether its server is there. Default 2,000. */
  readonly everyMs?: number
  /** Makes a store that is migrated and empty, twice. */
  open(options: { readonly clock: ManualClock }): Promise<ProxiedListening>
}

export interface ProxiedListening {
  /** Listens through the proxy, with the clock; nothing else is asked of it. */
  readonly listening: Required<Pick<VaultStore, 'watch'>>
  /** The same data by a connection of its own. */
  readonly store: VaultStore
  readonly proxy: FaultProxy
  /** Fails when the listener has left something behind. */
  close(): Promise<void>
}

const everything = { kind: 'everything' } as const
/** How long an answer may take. */
const limitMs = 2_000

/** Registers the tests for one store. */
export function silenceSuite(name: string, { everyMs = 2_000, open }: SilenceSetting): void {
  describe(`listening on ${name} by a connection that stops responding`, () => {
    test('[A27] a data key that another process destroyed is forgotten within 5 seconds', async () => {
      const { store, listening, proxy, clock, answers } = await opened()
      const masterKey = generateKey()
      const here = vaultOn({ ...store, supports: { ...store.supports, watch: true }, ...listening }, { masterKey })
      const there = vaultOn(store, { masterKey })
      const scope = here.as(shared.principal).scope({ server: shared.server })
      // A vault listens once it is used.
      await scope.set('first', 'value')
      await answers(1)
      await scope.set('second', 'value')
      proxy.stall()
      await there.operator(operatorPrincipal).eraseOwner(shared.principal.id)
      await scope.set('before', 'value')
      expect(await isReadable(there, 'before')).toBe(false)
      const sent = proxy.received('toServer')
      clock.advance(everyMs)
      await eventually(() => expect(proxy.received('toServer')).toBeGreaterThan(sent))
      clock.advance(limitMs)
      expect(clock.monotonicMs()).toBeLessThan(5_000)
      await scope.set('after', 'value')
      expect(await isReadable(there, 'after')).toBe(true)
      await here.close()
      await there.close()
    })

    test('[A27] is notified to drop everything every 2 seconds, and of what changed meanwhile', async () => {
      const { store, proxy, clock, asked, changes, end, row } = await listened()
      proxy.stall()
      clock.advance(everyMs + 3 * limitMs)
      expect(changes).toEqual([everything, everything, everything])
      changes.length = 0
      await store.dataKeys.replace({ ...row, revision: 2 }, { ifRevision: 1 })
      const questions = asked()
      proxy.pass()
      // The last question is answered once the network is back.
      await eventually(() => expect(asked()).toBe(questions + 1))
      clock.advance(everyMs)
      const expected = [everything, { kind: 'dataKey', scope: row.scope }]
      await eventually(() => expect(expected).toContainEqual(changes[0]))
      end()
    })

    test('[A27] is notified again by a new connection when that one stays silent', async () => {
      const { store, proxy, clock, asked, changes, end, row } = await listened()
      proxy.strand()
      clock.advance(everyMs + limitMs)
      expect(changes).toEqual([everything])
      const questions = asked()
      await eventually(() => expect(asked()).toBe(questions + 1))
      await store.dataKeys.replace({ ...row, revision: 2 }, { ifRevision: 1 })
      clock.advance(everyMs)
      await eventually(() => expect(changes).toContainEqual({ kind: 'dataKey', scope: row.scope }))
      end()
    })

    test('a server that answers is not taken for silent', async () => {
      const { clock, answers, changes, end } = await listened()
      for (const count of [2, 3, 4]) {
        clock.advance(everyMs)
        await answers(count)
      }
      expect(changes).toEqual([])
      end()
    })

    test('that is ended notifies of nothing more, and leaves no timer', async () => {
      const { proxy, clock, changes, end } = await listened()
      proxy.stall()
      clock.advance(everyMs)
      end()
      expect(clock.pendingTimers).toBe(0)
      clock.advance(10_000)
      expect(changes).toEqual([])
    })

    async function opened() {
      const clock = manualClock()
      const schedule = vi.spyOn(clock, 'schedule')
      const { store, listening, proxy, close } = await open({ clock })
      onTestFinished(async () => {
        proxy.pass()
        await close()
        await proxy.stop()
      })
      /** A question sets a timer, and its answer another; that of a look at the server is longer. */
      const asked = (): number =>
        schedule.mock.calls.filter(([, delayMs]) => delayMs <= Math.max(everyMs, limitMs)).length
      const answers = (count: number) => eventually(() => expect(asked()).toBe(2 * count))
      return { store, listening, proxy, clock, asked, answers }
    }

    /** Listens to a store with one data key: the first question is answered, and what it gave is dropped. */
    async function listened() {
      const parts = await opened()
      const row = await parts.store.dataKeys.insert(sampleDataKey())
      const changes: StoreChange[] = []
      const end = parts.listening.watch((change) => changes.push(change))
      await parts.answers(1)
      changes.length = 0
      return { ...parts, row, changes, end }
    }
  })
}
