// A data key that is forgotten while its key service is still at work on it: it is not kept after all.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { DataKeyScope, KeyProvider } from '../../src/contracts/index.ts'
import type { DataKeys } from '../../src/keys/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { dataKeysOf } from './data-keys-of.ts'

const scope: DataKeyScope = { kind: 'values', owner: 'alice', server: 'github' }
const ring = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

function gate() {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** A scope with a key, and another process whose key service answers when it is let. */
async function setUp() {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const limits = { entries: 10, softAgeMs: 300_000, hardAgeMs: 3_600_000, unwraps: 20, callMs: 10_000 }
  const parts = { store, vaultId: randomBytes(16), clock, limits }
  const { id } = await dataKeysOf({ ...parts, provider: ring }).active(scope)
  const begun = gate()
  const answer = gate()
  const slow: KeyProvider = {
    ...ring,
    async unwrap(...args) {
      begun.open()
      await answer.opened
      return ring.unwrap(...args)
    },
  }
  const keys = dataKeysOf({ ...parts, provider: slow })
  return { id, keys, store, begun: begun.opened, letAnswer: answer.open }
}

const ways: readonly (readonly [string, (keys: DataKeys, id: string) => void])[] = [
  ['by its scope', (keys) => keys.evictScope(scope)],
  ['by its id', (keys, id) => keys.evict(id, scope)],
  ['with all others', (keys) => keys.clear()],
]

describe.each(ways)('a key forgotten %s on its way', (_way, forget) => {
  it('is not the active key of the next caller', async () => {
    const { id, keys, store, begun, letAnswer } = await setUp()
    const first = keys.active(scope)
    await begun
    await store.dataKeys.remove(id, scope)
    forget(keys, id)
    const joined = keys.active(scope)
    letAnswer()
    expect((await first).id).toBe(id)
    expect((await joined).id).not.toBe(id)
    expect((await keys.active(scope)).id).toBe((await joined).id)
  })

  it('is not found by its id afterwards', async () => {
    const { id, keys, store, begun, letAnswer } = await setUp()
    const first = keys.byId(id, scope)
    await begun
    await store.dataKeys.remove(id, scope)
    forget(keys, id)
    letAnswer()
    expect((await first).id).toBe(id)
    await expect(async () => keys.byId(id, scope)).rejects.toMatchObject({ code: 'VAULT_KEY_UNKNOWN' })
  })
})

describe('a key on its way', () => {
  it('is kept when the key of another scope is forgotten', async () => {
    const { id, keys, store, begun, letAnswer } = await setUp()
    const first = keys.active(scope)
    await begun
    keys.evictScope({ ...scope, owner: 'al' })
    letAnswer()
    await first
    await store.dataKeys.remove(id, scope)
    expect((await keys.active(scope)).id).toBe(id)
  })
})
