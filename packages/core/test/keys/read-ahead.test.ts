// Rows of data keys that are read ahead, while the record that may need them is still on its way.
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { DataKeyScope } from '../../src/contracts/index.ts'
import type { DataKeys } from '../../src/keys/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'
import { dataKeysOf } from './data-keys-of.ts'

const scope: DataKeyScope = { kind: 'values', owner: 'alice', server: 'github' }
const provider = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

/** A scope with a key, in a process that has not used it, and the names of its calls. */
async function setUp() {
  const clock = manualClock()
  const calls: string[] = []
  let isFailing = false
  const store = interceptStore(memoryStore({ clock }), ({ name, run }) => {
    calls.push(name)
    if (isFailing) throw new Error('away')
    return run()
  })
  const limits = { entries: 10, softAgeMs: 300_000, hardAgeMs: 3_600_000, unwraps: 20, callMs: 10_000 }
  const parts = { provider, store, vaultId: randomBytes(16), clock, limits }
  const { id } = await dataKeysOf(parts).active(scope)
  calls.length = 0
  const fail = (): void => {
    isFailing = true
  }
  return { id, keys: dataKeysOf(parts), calls, fail }
}

it('spares the look-up of the key that it is of', async () => {
  const { id, keys, calls } = await setUp()
  const ahead = await keys.readAhead(scope)
  expect((await keys.byId(id, scope, { ahead })).id).toBe(id)
  expect((await keys.active(scope, { ahead })).id).toBe(id)
  expect(calls).toEqual(['dataKeys.active'])
})

it('is one look for all who ask at the same time, and none once the key is cached', async () => {
  const { id, keys, calls } = await setUp()
  await Promise.all([keys.readAhead(scope), keys.readAhead(scope)])
  await keys.byId(id, scope)
  expect(await keys.readAhead(scope)).toBeUndefined()
  expect(calls).toEqual(['dataKeys.active', 'dataKeys.find'])
})

it('does not stand in for another key', async () => {
  const { keys } = await setUp()
  const ahead = await keys.readAhead(scope)
  await expect(async () => keys.byId('0'.repeat(32), scope, { ahead })).rejects.toMatchObject({
    code: 'VAULT_KEY_UNKNOWN',
  })
})

const ways: readonly (readonly [string, (keys: DataKeys, id: string) => void])[] = [
  ['by its scope', (keys) => keys.evictScope(scope)],
  ['by its id', (keys, id) => keys.evict(id, scope)],
  ['with all others', (keys) => keys.clear()],
]

it.each(ways)('is read again once a key was forgotten %s', async (_way, forget) => {
  const { id, keys, calls } = await setUp()
  const ahead = await keys.readAhead(scope)
  forget(keys, id)
  await keys.byId(id, scope, { ahead })
  forget(keys, id)
  await keys.active(scope, { ahead })
  expect(calls).toEqual(['dataKeys.active', 'dataKeys.find', 'dataKeys.active'])
})

it('ignores a failing store: the error is thrown once the key is needed', async () => {
  const { id, keys, fail } = await setUp()
  fail()
  expect(await keys.readAhead(scope)).toBeUndefined()
  await expect(async () => keys.byId(id, scope)).rejects.toThrow('away')
})
