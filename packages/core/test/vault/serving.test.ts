// A store gets the principal that it serves, and a vault is notified of what other processes change.

import { operatorPrincipal, testPolicy } from '@mcpvault/testkit/vaults'
import { describe, expect, it, vi } from 'vitest'
import type { VaultStore } from '../../src/contracts/index.ts'
import { createVault, type Vault } from '../../src/create-vault.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

/** A vault whose store notes the principal that each call names. */
function noted() {
  const calls: { readonly name: string; readonly principal: unknown }[] = []
  const store = interceptStore(memoryStore(), ({ name, args, run }) => {
    const options = args.find((arg) => typeof arg === 'object' && arg !== null && 'principal' in arg)
    const principal = options !== undefined && typeof options === 'object' && options !== null && 'principal' in options
    calls.push({ name, principal: principal ? options.principal : undefined })
    return run()
  })
  const vault = createVault({ keys, store, policy: testPolicy })
  return { vault, callsOf: (name: string) => calls.filter((call) => call.name === name), calls }
}

describe('a store gets the principal', () => {
  it('by every verb on secrets, and by a log that shows only its own events', async () => {
    const { vault, callsOf, calls } = noted()
    const session = vault.as({ id: 'alice' })
    const scope = session.scope({ server: 'github' })
    await scope.set('token', 'one')
    await scope.get('token')
    await scope.getAll()
    await scope.list()
    await session.listAll()
    await scope.share('token', { with: 'bob', permission: 'read' })
    await scope.delete('token')
    await scope.destroy('token')
    await session.auditLog()
    const serving = calls.filter(({ name }) => name.startsWith('secrets.') || name === 'audit.query')
    expect(new Set(serving.map(({ name }) => name))).toEqual(
      new Set(['secrets.find', 'secrets.findAll', 'secrets.list', 'secrets.put', 'secrets.remove', 'audit.query']),
    )
    expect(serving.filter(({ principal }) => principal !== 'alice')).toEqual([])
    expect(callsOf('audit.append').filter(({ principal }) => principal !== undefined)).toEqual([])
    expect(callsOf('dataKeys.active').filter(({ principal }) => principal !== undefined)).toEqual([])
  })

  it('not for work on the whole vault, nor for a log that shows the events of all', async () => {
    const { vault, calls } = noted()
    await vault.as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'one')
    calls.length = 0
    const operator = vault.operator(operatorPrincipal)
    await operator.rewrap()
    await operator.sweep()
    await operator.verifyAudit()
    await operator.eraseOwner('alice', { trail: 'pseudonymise' })
    expect(calls.length).toBeGreaterThan(5)
    expect(calls.filter(({ principal }) => principal !== undefined)).toEqual([])
  })
})

describe('a data key that another process destroyed', () => {
  const forget = { watch: false } as const

  /** Sets a secret where it was set before, after another vault has erased its owner. Gives that other vault. */
  async function writeAfterErasure(store: VaultStore): Promise<Vault> {
    const [here, there] = [
      createVault({ keys, store, policy: testPolicy }),
      createVault({ keys, store, policy: testPolicy }),
    ]
    const scope = here.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'before')
    await there.operator(operatorPrincipal).eraseOwner('alice')
    await scope.set('token', 'after')
    return there
  }

  it('is used no more once the store has told so', async () => {
    const store = memoryStore()
    const there = await writeAfterErasure(store)
    expect((await there.as({ id: 'alice' }).scope({ server: 'github' }).get('token'))?.reveal()).toBe('after')
  })

  it('is used until it is old where the store cannot tell', async () => {
    const store = memoryStore({ supports: forget })
    const there = await writeAfterErasure(store)
    const found = there.as({ id: 'alice' }).scope({ server: 'github' }).get('token')
    await expect(found).rejects.toMatchObject({ code: 'VAULT_KEY_UNKNOWN' })
  })

  it('is forgotten with all others when changes may have been missed', async () => {
    let tell: (() => void) | undefined
    const plain = memoryStore({ supports: forget })
    const store = {
      ...plain,
      supports: { ...plain.supports, watch: true },
      watch: (listener: (change: { readonly kind: 'everything' }) => void) => {
        tell = () => listener({ kind: 'everything' })
        return () => undefined
      },
    }
    const unwrap = vi.fn(keys.unwrap)
    const vault = createVault({ keys: { ...keys, unwrap }, store })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'one')
    unwrap.mockClear()
    await scope.get('token')
    expect(unwrap).not.toHaveBeenCalled()
    tell?.()
    await scope.get('token')
    expect(unwrap).toHaveBeenCalled()
  })
})

describe('listening to a store', () => {
  it('ends when the vault is closed', async () => {
    const end = vi.fn()
    const store = { ...memoryStore(), watch: () => end }
    const vault = createVault({ keys, store })
    await vault.as({ id: 'alice' }).scope().get('token')
    expect(end).not.toHaveBeenCalled()
    await vault.close()
    expect(end).toHaveBeenCalledOnce()
  })

  it('that fails leaves the vault at work', async () => {
    const store = {
      ...memoryStore(),
      watch: () => {
        throw new Error('no')
      },
    }
    const warn = vi.fn()
    const vault = createVault({ keys, store, logger: { debug: vi.fn(), warn } })
    await vault.as({ id: 'alice' }).scope().set('token', 'one')
    expect(warn).toHaveBeenCalledOnce()
  })
})
