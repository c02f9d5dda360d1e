// Every promise of the store contract is guarded: a store that breaks it makes a named case fail.
import { AssertionError } from 'node:assert/strict'
import { describe, expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ConformanceCase, manualClock, type StoreFactory, storeConformance } from '../../src/testing/index.ts'
import { brokenStores } from './broken-stores.ts'

describe('each broken store fails the case that names what is broken', () => {
  test.each(brokenStores)('$broken', async ({ wrap, caught }) => {
    await expect(caseNamed(caught).run(factoryOf(wrap))).rejects.toBeInstanceOf(AssertionError)
  })

  test('and the sound store passes each of these cases', async () => {
    for (const { caught } of brokenStores) await caseNamed(caught).run(factoryOf((store) => store))
  })
})

test('a factory whose stores share data fails', async () => {
  const store = memoryStore()
  const shared: StoreFactory = async () => ({ store, cleanup: async () => {} })
  await expect(caseNamed('factory: two stores share nothing').run(shared)).rejects.toBeInstanceOf(AssertionError)
})

test('a factory whose second handle has other data fails', async () => {
  const factory: StoreFactory = async () => ({
    store: memoryStore(),
    reopen: async () => memoryStore(),
    cleanup: async () => {},
  })
  const { run } = caseNamed('factory: a second handle sees what the first one wrote')
  await expect(run(factory)).rejects.toBeInstanceOf(AssertionError)
})

test('a store that watches but gives no second handle fails', async () => {
  const factory: StoreFactory = async () => ({ store: memoryStore(), cleanup: async () => {} })
  const { run } = caseNamed(
    'watch: tells the scope of each data key that another handle replaced or removed, until it is ended',
  )
  await expect(run(factory)).rejects.toBeInstanceOf(AssertionError)
})

test('cases have names of their own, and the factory comes first', () => {
  const names = storeConformance.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names[0]).toBe('factory: two stores share nothing')
})

test('every case cleans up each store that it made, whether it passes or fails', async () => {
  for (const { run } of storeConformance) {
    const made = vi.fn()
    const cleanup = vi.fn(async () => {})
    const broken = factoryOf((store) => ({ ...store, id: '', secrets: { ...store.secrets, find: () => undefined } }))
    await run(async () => {
      made()
      return { ...(await broken()), cleanup }
    }).catch(() => undefined)
    expect(made).toHaveBeenCalled()
    expect(cleanup).toHaveBeenCalledTimes(made.mock.calls.length)
  }
})

test('a case that does not apply touches nothing of the store', async () => {
  for (const { requires, run } of storeConformance) {
    if (requires === undefined) continue
    const bare = { ...memoryStore({ supports: { transactions: false, watch: false } }) }
    expect(requires(bare.supports)).toBe(false)
    expect(requires(memoryStore().supports)).toBe(true)
    const find = vi.fn()
    const store = { ...bare, secrets: { ...bare.secrets, find, put: find, remove: find } }
    await run(async () => ({ store, cleanup: async () => {} }))
    expect(find).not.toHaveBeenCalled()
  }
})

function caseNamed(name: string): ConformanceCase {
  const found = storeConformance.find((conformanceCase) => conformanceCase.name === name)
  if (found === undefined) throw new Error(`no case is named ${name}`)
  return found
}

function factoryOf(wrap: (store: ReturnType<typeof memoryStore>) => ReturnType<typeof memoryStore>): StoreFactory {
  return async () => {
    const clock = manualClock()
    const store = wrap(memoryStore({ clock }))
    return { store, reopen: async () => store, cleanup: async () => {}, advance: (ms) => clock.advance(ms) }
  }
}
