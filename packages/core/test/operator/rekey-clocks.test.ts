// rekey on machines whose clocks disagree: nothing is lost, and a data key that was replaced stays replaced.
import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { restore } from '../../src/backup/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { archived, sourceOf } from '../backup/archives.ts'
import { activeId, aliceRow, expectAllReadable, filled, heldMs, keysUnder, recordsOf, rekey } from './rekeying.ts'

/** Two vaults on one store; the clocks of the second process and of the store are their own. */
function apart(aheadMs: number) {
  const clocks = { store: manualClock(), second: manualClock() }
  const store = memoryStore({ clock: clocks.store })
  const first = testVault({ store })
  const second = testVault({ store, keys: first.keys, clock: clocks.second })
  clocks.second.advance(aheadMs)
  const advance = (ms: number): void => {
    for (const clock of [first.clock, clocks.store, clocks.second]) clock.advance(ms)
  }
  return { store, first, second, advance }
}

describe('a rekey by clocks that disagree', () => {
  it('keeps a data key that another process has in its cache, however far the clock has jumped', async () => {
    const { store, first, second, advance } = apart(10 * heldMs)
    await filled(first)
    const old = await activeId(store)
    // It is not told of what other processes change.
    const { watch: _, ...deaf } = store
    const writer = testVault({ store: deaf, keys: first.keys }).scope('alice')
    await writer.set('early', 'before the rekey')
    await rekey(first)
    expect(await rekey(second)).toMatchObject({ resumed: true, removedKeys: 0, keptKeys: 1 })
    // A secret of its own: to read one that was sealed again would show it the new key.
    await writer.set('late', 'under the cached key')
    expect(keysUnder(await recordsOf(store))).toContain(old)
    advance(heldMs - 1)
    expect(await rekey(second)).toMatchObject({ secrets: 1, removedKeys: 0, keptKeys: 1 })
    advance(1)
    expect(await rekey(second)).toMatchObject({ secrets: 0, removedKeys: 1, keptKeys: 0 })
    expect(await store.dataKeys.find(old, aliceRow)).toBeUndefined()
    expect((await second.scope('alice').get('late'))?.reveal()).toBe('under the cached key')
    await expectAllReadable(first)
  })

  it('keeps a data key for the whole time that an earlier run had only begun to retire', async () => {
    const { store, first, second, advance } = apart(10 * heldMs)
    await filled(first)
    const old = await activeId(store)
    await store.locks.acquire(`retired-key/${old}`, 'retired', heldMs)
    advance(heldMs - 1)
    await rekey(first)
    advance(1)
    expect(await rekey(second)).toMatchObject({ removedKeys: 0, keptKeys: 1 })
    advance(heldMs - 1)
    expect(await rekey(second)).toMatchObject({ removedKeys: 1, keptKeys: 0 })
  })

  it('ends, when the data key before was made by a machine whose clock was ahead, and no restore brings that back', async () => {
    const aheadMs = 3_600_000
    const { store, first, second, advance } = apart(aheadMs)
    await filled(second)
    const fast = await activeId(store)
    const { bytes } = await archived(store, { keys: first.keys })
    expect(await rekey(first)).toMatchObject({ resumed: false, keptKeys: 1 })
    const active = await activeId(store)
    expect((await store.dataKeys.active(aliceRow))?.revision).toBe(2)
    expect(await rekey(first)).toMatchObject({ resumed: true, secrets: 0, keptKeys: 1 })
    advance(aheadMs + heldMs + 1)
    expect(await rekey(first)).toMatchObject({ resumed: true, secrets: 0, removedKeys: 1, keptKeys: 0 })
    await restore({ from: sourceOf(bytes), to: store, keys: first.keys, clock: first.clock })
    expect(await activeId(store)).toBe(active)
    expect(await store.dataKeys.find(fast, aliceRow)).toMatchObject({ state: 'retired' })
    await expectAllReadable(first)
    expect(await rekey(first)).toMatchObject({ resumed: true, secrets: 0 })
  })
})
