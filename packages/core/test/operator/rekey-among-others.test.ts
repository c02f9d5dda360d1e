// rekey while others work: a second worker, writers and readers, and a process that ends in the middle.
import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { interceptStore } from '../../src/testing/index.ts'
import { activeId, expectAllReadable, filled, keysUnder, recordsOf, rekey } from './rekeying.ts'

/** What waits for `passed` goes on once it is opened. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

describe('a rekey among others', () => {
  it('of two workers makes one new data key, while writers and readers lose nothing', async () => {
    const store = memoryStore()
    const test = testVault({ store })
    const other = testVault({ store, keys: test.keys })
    await filled(test)
    const old = await activeId(store)
    const written = new Map<string, string>()
    const write = async (writer: number): Promise<void> => {
      const scope = (writer % 2 === 0 ? test : other).scope('alice')
      for (let turn = 0; turn < 10; turn++) {
        const name = `of writer ${writer}, ${turn % 3}`
        await scope.set(name, `turn ${turn}`)
        written.set(name, `turn ${turn}`)
        expect((await scope.get(name))?.reveal()).toBe(`turn ${turn}`)
        expect((await scope.get('token', { version: 1 }))?.reveal()).toBe('first')
      }
    }
    await Promise.all([rekey(test), rekey(other), ...[0, 1, 2, 3].map(write)])
    const rows = await store.dataKeys.list({ owner: 'alice', limit: 10 })
    expect(rows.map(({ state }) => state).sort()).toEqual(['active', 'retired'])
    // What a writer still sealed under the old data key after its page had passed.
    await rekey(test)
    const records = await recordsOf(store)
    expect(keysUnder(records)).toEqual(new Set([await activeId(store)]))
    expect(await activeId(store)).not.toBe(old)
    for (const [name, value] of written) expect((await other.scope('alice').get(name))?.reveal()).toBe(value)
    await expectAllReadable(other)
  })

  it('is mended by the next run when a process wrote under the old data key after it', async () => {
    const store = memoryStore()
    const test = testVault({ store })
    await filled(test)
    const reached = gate()
    const landing = gate()
    const slow = interceptStore(store, async ({ name, run }) => {
      if (name !== 'secrets.put') return run()
      reached.open()
      await landing.passed
      return run()
    })
    const late = testVault({ store: slow, keys: test.keys }).scope('alice').set('late', 'sealed before')
    await reached.passed
    await rekey(test)
    landing.open()
    await late
    expect(await rekey(test)).toMatchObject({ resumed: true, secrets: 1, versions: 1 })
    expect(keysUnder(await recordsOf(store))).toEqual(new Set([await activeId(store)]))
    expect((await test.scope('alice').get('late'))?.reveal()).toBe('sealed before')
  })

  it('ends at any call of the store in a state that the next run mends', async () => {
    let ended = true
    for (let after = 0; ended; after++) {
      const store = memoryStore()
      const test = testVault({ store })
      await filled(test)
      let calls = 0
      ended = false
      const ending = interceptStore(store, ({ name, run }) => {
        // Opening the vault and its trail is not the rekey's.
        if (!name.startsWith('secrets.') && !name.startsWith('dataKeys.')) return run()
        if (calls++ < after) return run()
        ended = true
        throw new Error('ended')
      })
      const dying = testVault({ store: ending, keys: test.keys })
      const outcome = await rekey(dying).then(
        () => 'done',
        () => 'failed',
      )
      expect(outcome).toBe(ended ? 'failed' : 'done')
      const next = testVault({ store, keys: test.keys })
      expect((await next.scope('alice').get('token'))?.reveal()).toBe('second')
      await rekey(next)
      expect(keysUnder(await recordsOf(store))).toEqual(new Set([await activeId(store)]))
      expect(await store.dataKeys.list({ owner: 'alice', limit: 10 })).toHaveLength(2)
      await expectAllReadable(next)
    }
  })
})
