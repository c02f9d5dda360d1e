// A test that replaces the timers of the process stops no call of a vault.
import { afterEach, expect, test, vi } from 'vitest'
import { createVault } from '../../src/create-vault.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

afterEach(() => {
  vi.useRealTimers()
})

test.each(['required', 'buffered'] as const)(
  'with fake timers, a vault whose audit is %s serves every call',
  async (mode) => {
    vi.useFakeTimers()
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store: memoryStore(), audit: { mode } })
    const secrets = vault.as({ id: 'alice' }).scope()
    await Promise.all([secrets.set('a', 'x'), secrets.set('b', 'x'), secrets.set('a', 'y')])
    expect((await secrets.get('b'))?.reveal()).toBe('x')
    expect((await secrets.list()).items).toHaveLength(2)
    await vault.close()
  },
)
