// The fakes fail, count and record exactly what the test asked for.
import { describe, expect, test, vi } from 'vitest'
import type { KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  countingProvider,
  failingProvider,
  faultStore,
  manualClock,
  recordingStore,
  sampleAuditRow,
  sampleDataKey,
  sampleRef,
  sampleScope,
  sampleSecret,
  sampleVersion,
  storeConformance,
} from '../../src/testing/index.ts'
import { withDeadline } from '../../src/time/index.ts'

const failure = expect.objectContaining({ code: 'VAULT_STORE_FAILED', retryable: true })
const insert = async (store: VaultStore): Promise<unknown> => store.secrets.put(sampleSecret(), { ifRevision: 0 })

describe('faultStore', () => {
  test('counts the operations of all parts and fails none when asked for none', async () => {
    const store = faultStore(memoryStore(), { failAt: 0, mode: 'before' })
    await store.secrets.find(sampleRef(), 'current')
    await store.dataKeys.active(sampleScope())
    await store.audit.append([sampleAuditRow()])
    await store.meta.read('x')
    await store.locks.acquire('x', 'y', 1)
    expect([store.operations, store.failed]).toEqual([5, undefined])
  })

  test('fails the chosen operation alone, before it is done', async () => {
    const inner = memoryStore()
    const store = faultStore(inner, { failAt: 2, mode: 'before' })
    await store.secrets.find(sampleRef(), 'current')
    await expect(insert(store)).rejects.toEqual(failure)
    expect(store.failed).toBe('secrets.put')
    expect(await inner.secrets.find(sampleRef(), 'current')).toBeUndefined()
    expect(await insert(store)).toBe(true)
    expect(store.operations).toBe(3)
  })

  test('fails after the operation is done', async () => {
    const inner = memoryStore()
    await expect(insert(faultStore(inner, { failAt: 1, mode: 'after' }))).rejects.toEqual(failure)
    expect(await inner.secrets.find(sampleRef(), 'current')).toBeDefined()
  })

  test.each([
    { mode: 'hang', isDone: false },
    { mode: 'hang-after', isDone: true },
  ] as const)('$mode never answers until the signal is aborted', async ({ mode, isDone }) => {
    const inner = memoryStore()
    const controller = new AbortController()
    const store = faultStore(inner, { failAt: 1, mode })
    const settled = vi.fn()
    const { signal } = controller
    const answer = Promise.resolve(store.secrets.put(sampleSecret(), { ifRevision: 0, signal }))
    answer.then(settled, settled)
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).not.toHaveBeenCalled()
    expect((await inner.secrets.find(sampleRef(), 'current')) !== undefined).toBe(isDone)
    controller.abort('enough')
    await expect(answer).rejects.toBe('enough')
  })

  test('a signal that was aborted before ends a hanging call at once', async () => {
    const store = faultStore(memoryStore(), { failAt: 1, mode: 'hang' })
    const signal = AbortSignal.abort('before')
    await expect(store.secrets.find(sampleRef(), 'current', { signal })).rejects.toBe('before')
  })

  test('tells when a call hangs, so that a test can move the clock past its limit', async () => {
    const clock = manualClock()
    const onHang = (): void => clock.advance(1000)
    const store = faultStore(memoryStore(), { failAt: 1, mode: 'hang', onHang })
    const timeoutError = (): Error => new VaultError('VAULT_STORE_FAILED')
    const answer = withDeadline({ clock, limitMs: 1000, timeoutError }, (options) =>
      store.secrets.find(sampleRef(), 'current', options),
    )
    await expect(answer).rejects.toEqual(failure)
    expect(clock.pendingTimers).toBe(0)
  })

  test('wraps stores whose parts are frozen or need their `this`', async () => {
    const inner = memoryStore()
    const values = new Map([['x', Uint8Array.of(1)]])
    const meta = Object.freeze({
      values,
      read(key: string) {
        return this.values.get(key)
      },
      insertOnce: inner.meta.insertOnce,
    })
    const store = faultStore({ ...inner, meta }, { failAt: 0, mode: 'before' })
    expect(await store.meta.read('x')).toEqual(Uint8Array.of(1))
  })
})

describe('recordingStore', () => {
  test.each([
    ['raw', 'p4ss-w0rd-\u00e9'],
    ['hex', Buffer.from('p4ss-w0rd-\u00e9').toString('hex')],
    ['hex', Buffer.from('p4ss-w0rd-\u00e9').toString('hex').toUpperCase()],
    ['base64', Buffer.from('p4ss-w0rd-\u00e9').toString('base64')],
    ['base64', Buffer.from('1p4ss-w0rd-\u00e9').toString('base64')],
    ['base64', Buffer.from('22p4ss-w0rd-\u00e9').toString('base64')],
    ['base64url', Buffer.from('4p4ss-w0rd-\u00e9???').toString('base64url')],
  ])('finds a value that is written as %s: %s', async (spelling, text) => {
    const inDescription = recordingStore(memoryStore())
    await inDescription.secrets.put(sampleSecret({ description: `<${text}>` }), { ifRevision: 0 })
    const inEnvelope = recordingStore(memoryStore())
    const envelope = new TextEncoder().encode(`<${text}>`)
    await inEnvelope.secrets.put(sampleSecret({ versions: [sampleVersion({ envelope })] }), { ifRevision: 0 })
    for (const store of [inDescription, inEnvelope]) {
      const found = store.spellingOf('p4ss-w0rd-\u00e9')
      expect(found === 'base64url' ? 'base64' : found).toBe(spelling === 'base64url' ? 'base64' : spelling)
      expect(store.spellingOf(Buffer.from('another value'))).toBeUndefined()
    }
  })

  test('tells base64url from base64 by its own digits', async () => {
    const value = Uint8Array.of(0xfb, 0xff, 0xfe, 0xff, 0xff, 0xfe)
    const store = recordingStore(memoryStore())
    await store.secrets.put(sampleSecret({ description: Buffer.from(value).toString('base64url') }), { ifRevision: 0 })
    expect(store.spellingOf(value)).toBe('base64url')
  })

  test('sees results too, of answers at once and of promises', async () => {
    const inner = memoryStore()
    await insert(inner)
    const find = inner.secrets.find
    const slow: VaultStore = { ...inner, secrets: { ...inner.secrets, find: async (...args) => find(...args) } }
    for (const store of [recordingStore(inner), recordingStore(slow)]) {
      expect(await store.secrets.find(sampleRef(), 'all')).toBeDefined()
      expect(store.spellingOf('api_key')).toBe('raw')
      expect(store.calls).toEqual(['secrets.find'])
      store.forget()
      expect([store.calls, store.spellingOf('api_key')]).toEqual([[], undefined])
    }
  })

  test('never reads the signal, which may be made by reading it', async () => {
    const store = recordingStore(memoryStore())
    const signal = vi.fn()
    const options = {
      get signal() {
        signal()
        return new AbortController().signal
      },
    }
    await store.dataKeys.insert(sampleDataKey(), options)
    expect(signal).not.toHaveBeenCalled()
  })
})

test.each([
  ['faultStore', (store: VaultStore) => faultStore(store, { failAt: 0, mode: 'before' })],
  ['recordingStore', (store: VaultStore) => recordingStore(store)],
])('a store behind %s keeps the whole contract', async (_name, wrap) => {
  for (const { run } of storeConformance.filter(({ name }) => !name.startsWith('names'))) {
    await run(async () => {
      const clock = manualClock()
      const store = wrap(memoryStore({ clock }))
      return { store, reopen: async () => store, cleanup: async () => {}, advance: (ms) => clock.advance(ms) }
    })
  }
})

const provider: KeyProvider = Object.freeze({
  id: 'test',
  currentKeyIds: () => new Set(['main#1']),
  wrap: () => [Uint8Array.of(1)],
  unwrap: () => Uint8Array.of(2),
})
const full: KeyProvider = {
  ...provider,
  generate: () => ({ dek: Uint8Array.of(3), wraps: [] }),
  rewrap: () => [Uint8Array.of(4)],
  classify: () => 'denied',
}
const scope = { ...sampleScope(), vaultId: new Uint8Array(16) }
const request = { dekId: new Uint8Array(16), dek: new Uint8Array(32), scope }

describe('countingProvider', () => {
  test('counts each call that reaches the key service, and no other', async () => {
    const keys = countingProvider(full)
    keys.currentKeyIds()
    keys.classify?.(undefined)
    expect(await keys.wrap(request)).toEqual([Uint8Array.of(1)])
    await keys.unwrap(Uint8Array.of(1), scope)
    expect(await keys.unwrap(Uint8Array.of(1), scope)).toEqual(Uint8Array.of(2))
    await keys.generate?.(request)
    expect(await keys.rewrap?.([Uint8Array.of(1)], scope)).toEqual([Uint8Array.of(4)])
    expect(keys.counts).toEqual({ wrap: 1, unwrap: 2, generate: 1, rewrap: 1 })
    expect([keys.id, await keys.currentKeyIds()]).toEqual(['test', new Set(['main#1'])])
  })

  test('what the provider leaves out stays left out', () => {
    expect(Object.keys(countingProvider(provider))).toEqual(['id', 'currentKeyIds', 'wrap', 'unwrap', 'counts'])
  })
})

describe('failingProvider', () => {
  test('works, fails with the code it was given, and works again', async () => {
    const keys = failingProvider(full)
    expect(await keys.unwrap(Uint8Array.of(1), scope)).toEqual(Uint8Array.of(2))
    keys.failWith('VAULT_KEY_DENIED')
    const denied = expect.objectContaining({ code: 'VAULT_KEY_DENIED' })
    expect(() => keys.unwrap(Uint8Array.of(1), scope)).toThrow(denied)
    expect(() => keys.wrap(request)).toThrow(denied)
    expect([await keys.currentKeyIds(), keys.classify?.(undefined)]).toEqual([new Set(['main#1']), 'denied'])
    keys.failWith(undefined)
    expect(await keys.wrap(request)).toEqual([Uint8Array.of(1)])
  })

  test('can give no answer until the signal ends it', async () => {
    const keys = failingProvider(provider)
    keys.failWith('hang')
    const controller = new AbortController()
    const answer = keys.unwrap(Uint8Array.of(1), scope, { signal: controller.signal })
    controller.abort('enough')
    await expect(answer).rejects.toBe('enough')
  })
})
