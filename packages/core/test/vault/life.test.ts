// A vault's own life: opening, schema, closing, logging, time limits, rotation of keys, erasure.

import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { VaultError } from '../../src/errors/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

describe('opening', () => {
  it('reads and writes nothing before the first operation', async () => {
    const { vault, store } = testVault()
    vault.as({ id: 'alice' }).scope({ server: 'github' })
    expect(await store.meta.read('vault-id')).toBeUndefined()
    await vault.close()
    expect(await store.audit.streams({ limit: 1 })).toEqual([])
  })

  it('can succeed after a failure', async () => {
    const { scope, store } = testVault()
    const { read } = store.meta
    Object.assign(store.meta, {
      read: () => {
        throw new VaultError('VAULT_STORE_NOT_READY')
      },
    })
    expect(await codeOf(scope('alice').get('token'))).toBe('VAULT_STORE_NOT_READY')
    Object.assign(store.meta, { read })
    expect(await scope('alice').get('token')).toBeUndefined()
  })

  it('refuses a damaged vault id', async () => {
    const { scope, store } = testVault()
    await store.meta.insertOnce('vault-id', new Uint8Array(15))
    expect(await codeOf(scope('alice').get('token'))).toBe('VAULT_STORE_FAILED')
  })

  it('happens once for many first calls at once', async () => {
    const { scope, store } = testVault()
    await Promise.all(Array.from({ length: 20 }, () => scope('alice').get('token')))
    expect(await store.audit.streams({ limit: 10 })).toHaveLength(1)
  })
})

describe('closing', () => {
  it('writes what is gathered, ends every stream, and signs a checkpoint', async () => {
    const { vault, scope, store, other } = testVault()
    await scope('alice').set('token', 'x')
    await scope('alice').get('token')
    await vault.close()
    const record = await store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'current')
    expect(record?.useCount).toBe(1)
    expect(await store.audit.checkpoints({ limit: 10 })).toHaveLength(1)
    expect(await other().operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
  })

  it('waits for first calls, and nothing uses the store afterwards', async () => {
    const { vault, scope, store } = testVault()
    const isDone: string[] = []
    const { read } = store.meta
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    Object.assign(store.meta, { read: (key: string) => gate.then(() => read(key)) })
    const first = scope('alice')
      .set('token', 'x')
      .then(() => isDone.push('set'))
    const closing = vault.close().then(() => isDone.push('close'))
    const again = vault.close().then(() => isDone.push('second close'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isDone).toEqual([])
    open()
    await Promise.all([first, closing, again])
    expect(isDone).toEqual(['set', 'close', 'second close'])
    let calls = 0
    const countCall = (): void => {
      calls += 1
    }
    for (const part of [store.secrets, store.meta, store.audit, store.dataKeys]) {
      for (const name of Object.keys(part)) Object.assign(part, { [name]: countCall })
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toBe(0)
  })

  it('ends a call that takes longer than limits.storeMs, before its next use of the store', async () => {
    let allow: (allowed: true) => void = () => undefined
    const answer = new Promise<true>((resolve) => {
      allow = resolve
    })
    const { vault, scope, store, clock } = testVault({ authorize: () => answer, limits: { authorizeMs: 600_000 } })
    const write = codeOf(scope('alice').set('token', 'x'))
    await new Promise((resolve) => setImmediate(resolve))
    const closing = vault.close()
    for (let limit = 0; limit < 2; limit += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(5_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await closing
    allow(true)
    expect(await write).toBe('VAULT_CLOSED')
    expect(await store.secrets.list({ limit: 10 })).toEqual([])
  })

  it('happens at the end of a block that uses the vault, and values are wiped at the end of theirs', async () => {
    const { vault, scope } = testVault()
    await scope('alice').set('token', 'x')
    const github = scope('alice')
    let kept: { reveal(): string } | undefined
    {
      await using used = vault
      using value = await used.as({ id: 'alice' }).scope({ server: 'github' }).get('token')
      expect(value?.reveal()).toBe('x')
      kept = value
    }
    expect(() => kept?.reveal()).toThrow(expect.objectContaining({ code: 'VAULT_CLOSED' }))
    expect(await codeOf(github.get('token'))).toBe('VAULT_CLOSED')
  })

  it('is not stopped by a first operation that failed', async () => {
    const { vault, scope, store } = testVault()
    Object.assign(store.meta, {
      read: () => {
        throw new Error('down')
      },
    })
    const first = codeOf(scope('alice').get('token'))
    await vault.close()
    expect(await first).toBe('VAULT_STORE_FAILED')
  })
})

describe('a store', () => {
  it('that throws is VAULT_STORE_FAILED, with the cause and without a value', async () => {
    const { scope, store } = testVault()
    await scope('alice').set('token', 'x')
    Object.assign(store.secrets, {
      find: () => {
        throw new Error('connection reset')
      },
    })
    await expect(scope('alice').get('token')).rejects.toMatchObject({
      code: 'VAULT_STORE_FAILED',
      retryable: true,
      cause: { message: 'connection reset' },
    })
    Object.assign(store.secrets, {
      find: async () => {
        throw new TypeError('bug')
      },
    })
    await expect(scope('alice').get('token')).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
  })

  it('that does not answer is abandoned after its time', async () => {
    const { scope, store, clock } = testVault()
    await scope('alice').set('token', 'x')
    let aborted = false
    Object.assign(store.secrets, {
      find: (_ref: unknown, _versions: unknown, options: { signal: AbortSignal }) => {
        options.signal.addEventListener('abort', () => {
          aborted = true
        })
        return new Promise(() => {})
      },
    })
    const read = codeOf(scope('alice').get('token'))
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(5_000)
    expect(await read).toBe('VAULT_STORE_FAILED')
    expect(aborted).toBe(true)
  })

  it('is not waited for once its caller has aborted', async () => {
    const { scope, store } = testVault()
    await scope('alice').set('token', 'x')
    Object.assign(store.secrets, { find: () => new Promise(() => {}) })
    const controller = new AbortController()
    const read = scope('alice').get('token', { signal: controller.signal })
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort(new Error('enough'))
    await expect(read).rejects.toThrow('enough')
    await expect(scope('alice').get('token', { signal: controller.signal })).rejects.toThrow('enough')
  })

  it('that fails to count uses costs counts alone', async () => {
    const warnings: string[] = []
    const logger = { debug: () => {}, warn: (_facts: unknown, message: string) => void warnings.push(message) }
    const { scope, store, clock } = testVault({ logger })
    await scope('alice').set('token', 'x')
    Object.assign(store.secrets, {
      touch: () => {
        throw new Error('busy')
      },
    })
    await scope('alice').get('token')
    clock.advance(5_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings).toEqual(['Uses of secrets could not be counted.'])
    expect((await scope('alice').get('token'))?.reveal()).toBe('x')
  })
})

describe('a waiting write', () => {
  it('is not begun once its caller has aborted', async () => {
    const { scope, store } = testVault()
    await scope('alice').set('token', 'one')
    const { put } = store.secrets
    const waiting: (() => void)[] = []
    Object.assign(store.secrets, {
      put: async (...given: Parameters<typeof put>) => {
        await new Promise<void>((resolve) => void waiting.push(resolve))
        return put(...given)
      },
    })
    const controller = new AbortController()
    const first = scope('alice').set('token', 'two')
    const second = scope('alice').set('token', 'three', { signal: controller.signal })
    const third = scope('alice').set('token', 'four')
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort(new Error('enough'))
    waiting.shift()?.()
    await first
    await expect(second).rejects.toThrow('enough')
    await new Promise((resolve) => setImmediate(resolve))
    waiting.shift()?.()
    expect((await third).version).toBe(3)
  })

  it('ends after its time when others keep coming first', async () => {
    const { scope, store, clock } = testVault()
    await scope('alice').set('token', 'one')
    Object.assign(store.secrets, {
      put: () => {
        clock.advance(5_000)
        return false
      },
    })
    const write = codeOf(scope('alice').set('token', 'two'))
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(50)
    }
    expect(await write).toBe('VAULT_CONFLICT')
  })
})

describe('the log', () => {
  it('[A33] says what was done, and nothing of values', async () => {
    const lines: string[] = []
    const log = (facts: object, message: string) => void lines.push(JSON.stringify([facts, message]))
    const { scope } = testVault({ logger: { debug: log, warn: log } })
    await scope('alice').set('token', 'canary-7f3a')
    await scope('alice').get('token')
    await codeOf(scope('alice').set('token', ''))
    await codeOf(scope('alice', { id: 'bob' }).set('token', 'canary-7f3a'))
    expect(lines).toEqual([
      '[{"operation":"set","outcome":"allowed"},"Vault operation"]',
      '[{"operation":"get","outcome":"allowed"},"Vault operation"]',
      '[{"operation":"set","errorCode":"VAULT_ACCESS_DENIED"},"Vault operation failed"]',
    ])
  })
})

describe('operators', () => {
  it('need a role that allows it', async () => {
    const { vault } = testVault()
    const nobody = vault.operator({ id: 'alice' })
    for (const work of [
      nobody.rewrap(),
      nobody.census(),
      nobody.assertRetirable('main#1'),
      nobody.dropDataKey({ owner: 'alice', server: 'github' }),
      nobody.rekey({ owner: 'alice', server: 'github' }),
      nobody.verifyAudit(),
      nobody.sweep(),
      nobody.eraseOwner('alice'),
    ]) {
      expect(await codeOf(work)).toBe('VAULT_ACCESS_DENIED')
    }
    const auditor = vault.operator({ id: 'a', roles: ['auditor'] })
    expect(await auditor.verifyAudit()).toMatchObject({ ok: true })
    expect(await codeOf(auditor.census())).toBe('VAULT_ACCESS_DENIED')
  })

  it('are given the key that checks checkpoints, where there are any', async () => {
    const { vault, other } = testVault()
    const key = await vault.operator(operatorPrincipal).auditPublicKey()
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(
      await other()
        .operator({ id: 'a', roles: ['auditor'] })
        .auditPublicKey(),
    ).toBe(key)
    const without = other({ audit: { mode: 'dangerously-off' } })
    expect(await codeOf(without.operator(operatorPrincipal).auditPublicKey())).toBe('VAULT_NOT_SUPPORTED')
  })

  it('[S8][N17] count keys, rewrap them, and retire the old key', async () => {
    const [first, second] = [generateKey(), generateKey()]
    const store = memoryStore()
    const before = testVault({ store, keys: keyRing({ current: 'main#1', keys: { 'main#1': first } }) })
    for (const owner of ['alice', 'bob', 'carol']) await before.scope(owner).set('token', `of ${owner}`)
    const after = testVault({
      store,
      keys: keyRing({ current: 'main#2', keys: { 'main#1': first, 'main#2': second } }),
    })
    const operator = after.vault.operator(operatorPrincipal)
    const expected = {
      dataKeys: 4,
      byKeyId: new Map([['main#1', 4]]),
      unreadable: 0,
      currentKeyIds: new Set(['main#2']),
      archives: 0,
      archivesByKeyId: new Map(),
    }
    expect(await operator.census()).toMatchObject(expected)
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    expect(await codeOf(operator.assertRetirable('main#2'))).toBe('VAULT_CONFLICT')
    const progress: number[] = []
    expect(await operator.rewrap({ onProgress: ({ done }) => progress.push(done) })).toEqual({
      rewrapped: 4,
      alreadyDone: 0,
      quarantined: [],
      foreign: new Map(),
    })
    expect(progress).toEqual([4])
    expect(await operator.rewrap()).toEqual({ rewrapped: 0, alreadyDone: 0, quarantined: [], foreign: new Map() })
    expect((await operator.census()).byKeyId).toEqual(new Map([['main#2', 4]]))
    await operator.assertRetirable('main#1')
    const without = testVault({ store, keys: keyRing({ current: 'main#2', keys: { 'main#2': second } }) })
    expect((await without.scope('bob').get('token'))?.reveal()).toBe('of bob')
    expect(await without.vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
  })

  it('[S8] report a wrap that cannot be read, and stop for nothing', async () => {
    const [first, second] = [generateKey(), generateKey()]
    const store = memoryStore()
    const before = testVault({ store, keys: keyRing({ current: 'main#1', keys: { 'main#1': first } }) })
    await before.scope('alice').set('token', 'x')
    const row = await store.dataKeys.active({ kind: 'values', owner: 'alice', server: 'github' })
    if (row === undefined) throw new Error('the row is not there')
    const keys = keyRing({ current: 'main#2', keys: { 'main#1': first, 'main#2': second } })
    const operator = testVault({ store, keys }).vault.operator(operatorPrincipal)
    expect((await operator.census()).byKeyId).toEqual(new Map([['main#1', 2]]))
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    expect(await operator.rewrap()).toEqual({ rewrapped: 2, alreadyDone: 0, quarantined: [], foreign: new Map() })
    await operator.assertRetirable('main#1')
    await store.dataKeys.replace({ ...row, wraps: [new Uint8Array(8)], revision: 3 }, { ifRevision: 2 })
    expect(await operator.census()).toMatchObject({ dataKeys: 2, unreadable: 1 })
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    expect(await operator.rewrap()).toMatchObject({ quarantined: [{ dekId: row.id, code: 'VAULT_ENVELOPE_INVALID' }] })
  })

  it('[S5][S17] erase an owner: keys, secrets and permissions go, the trail stays and verifies', async () => {
    const { vault, scope, store } = testVault()
    await scope('alice').set('token', 'x')
    await scope('bob').set('own', 'x')
    await scope('alice').share('token', { with: 'bob', permission: 'read' })
    await scope('alice', { id: 'bob' }).get('token')
    const operator = vault.operator(operatorPrincipal)
    expect(await operator.eraseOwner('bob', { trail: 'pseudonymise' })).toMatchObject({
      dataKeys: 1,
      secrets: 1,
      grants: 1,
      refused: 0,
    })
    expect(await scope('bob').get('own')).toBeUndefined()
    expect(await scope('alice', { id: 'bob' }).get('token')).toBeUndefined()
    expect(await scope('alice').grants('token')).toEqual([])
    expect(await store.dataKeys.list({ owner: 'bob', limit: 10 })).toEqual([])
    expect(await operator.verifyAudit()).toMatchObject({ ok: true })
    const auditor = vault.as({ id: 'a', roles: ['auditor'] })
    expect((await auditor.auditLog({ principal: 'bob', actions: ['secret.created'] })).items).toEqual([])
    const erased = (await auditor.auditLog({ actions: ['secret.created'], limit: 10 })).items.map(
      ({ event }) => event.principal,
    )
    expect(erased.filter((name) => /^erased-[0-9a-f]{16}$/.test(name))).toHaveLength(1)
    expect(await operator.eraseOwner('nobody')).toEqual({
      dataKeys: 0,
      secrets: 0,
      grants: 0,
      renamed: 0,
      untrusted: 0,
      pseudonymised: 0,
      refused: 0,
    })
  })
})

describe('tiers', () => {
  it('may ask the key provider at every read, so that revocation works at once', async () => {
    let denied = false
    const ring = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const keys = {
      ...ring,
      unwrap: (...given: Parameters<typeof ring.unwrap>) => {
        if (denied) throw new VaultError('VAULT_KEY_DENIED')
        return ring.unwrap(...given)
      },
    }
    const { scope } = testVault({ keys, tiers: { 1: { keyNotCached: true } } })
    await scope('alice').set('critical', 'x', { tier: 1 })
    await scope('bob').set('ordinary', 'x', { tier: 3 })
    denied = true
    expect(await codeOf(scope('alice').get('critical'))).toBe('VAULT_KEY_DENIED')
    expect((await scope('bob').get('ordinary'))?.reveal()).toBe('x')
  })
})
