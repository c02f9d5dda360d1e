// A new master key on a vault in use: no read fails, and the old key can go.

import { codeOf, operatorPrincipal, rotatingKeys, testPolicy, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import { createVault, type Vault } from '../../src/create-vault.ts'
import { isVaultError } from '../../src/errors/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

const owners = Array.from({ length: 40 }, (_, index) => `user ${index}`)
const rowCount = owners.length + 1

/** Forty owners with a secret each, and the audit key, all under `main#1`; from now on `main#2` is current. */
async function beforeRotation() {
  const keys = rotatingKeys()
  const test = testVault({ keys: keys.provider, limits: { versions: 100 } })
  for (const owner of owners) await test.scope(owner).set('token', `of ${owner}, first`)
  keys.rotate()
  return { ...test, operator: test.vault.operator(operatorPrincipal), newRing: keys.newRing }
}

describe('rewrap of a vault in use', () => {
  it('[A37][N17][S41][S44] fails no read or write, covers every key, and lets the old one go', async () => {
    const { scope, other, operator, store, clock, newRing } = await beforeRotation()
    const failures: unknown[] = []
    let reads = 0
    let isRewrapping = true
    const reader = async (vault: Vault, number: number): Promise<void> => {
      for (let turn = number; isRewrapping || turn < 200; turn++) {
        const owner = owners[turn % owners.length] ?? ''
        const own = vault.as({ id: owner }).scope({ server: 'github' })
        try {
          if (turn % 5 === 0) await own.set('token', `of ${owner}, ${turn}`)
          const value = (await own.get('token'))?.reveal()
          if (!value?.startsWith(`of ${owner},`)) failures.push(value)
          reads += 1
        } catch (error) {
          failures.push(error)
        }
      }
    }
    const busy = [0, 1, 2, 3].map((number) => reader(other(), number))
    const report = await operator.rewrap()
    isRewrapping = false
    await Promise.all(busy)
    expect(failures).toEqual([])
    expect(reads).toBeGreaterThan(600)
    expect(report.quarantined).toEqual([])
    const census = await operator.census()
    expect([...census.byKeyId]).toEqual([['main#2', rowCount]])
    await operator.assertRetirable('main#1')
    expect(await codeOf(operator.assertRetirable('main#2'))).toBe('VAULT_CONFLICT')

    const later = createVault({ keys: newRing, store, clock, policy: testPolicy })
    for (const owner of owners) {
      const value = await later.as({ id: owner }).scope({ server: 'github' }).get('token')
      expect(value?.reveal()).toMatch(`of ${owner},`)
    }
    await scope('user 0').set('token', 'still at work')
  })

  it('[A37][S41] is needed before an old key may go', async () => {
    const { operator } = await beforeRotation()
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
  })

  it('[A37][S41] by two workers at once does each row once', async () => {
    const { operator, other } = await beforeRotation()
    const reports = await Promise.all([operator.rewrap(), other().operator(operatorPrincipal).rewrap()])
    const sum = (count: (report: (typeof reports)[number]) => number): number =>
      reports.reduce((total, report) => total + count(report), 0)
    expect(sum(({ rewrapped }) => rewrapped)).toBe(rowCount)
    expect(sum(({ quarantined }) => quarantined.length)).toBe(0)
    expect((await operator.census()).byKeyId.get('main#1')).toBeUndefined()
  })

  it('[A37][S41] leaves a row that fails as it was, reports it, and does the rest', async () => {
    const { operator, store } = await beforeRotation()
    const row = await store.dataKeys.active({ kind: 'values', owner: 'user 7', server: 'github' })
    if (row === undefined) throw new Error('The data key is not there.')
    const broken = { ...row, wraps: row.wraps.map((wrap) => wrap.map((byte, at) => (at > 100 ? byte ^ 1 : byte))) }
    await store.dataKeys.replace({ ...broken, revision: 2 }, { ifRevision: 1 })
    const report = await operator.rewrap()
    expect(report).toMatchObject({
      rewrapped: rowCount - 1,
      quarantined: [{ dekId: row.id, code: 'VAULT_OPEN_FAILED' }],
    })
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    await store.dataKeys.replace({ ...row, revision: 3 }, { ifRevision: 2 })
    expect(await operator.rewrap()).toEqual({ rewrapped: 1, alreadyDone: 0, quarantined: [], foreign: new Map() })
    await operator.assertRetirable('main#1')
  })

  it('[A37][S41] can be stopped and begun again', async () => {
    const { operator, store } = await beforeRotation()
    const stop = new AbortController()
    const { dataKeys } = store
    const original = dataKeys.replace
    let replaced = 0
    Object.assign(dataKeys, {
      replace: (...args: Parameters<typeof original>) => {
        const answer = original(...args)
        if (++replaced === 10) stop.abort(new Error('stopped'))
        return answer
      },
    })
    await expect(operator.rewrap({ signal: stop.signal })).rejects.toThrow('stopped')
    const halfway = (await operator.census()).byKeyId
    expect(halfway.get('main#1')).toBeGreaterThan(0)
    expect(halfway.get('main#2')).toBe(10)
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    const rest = await operator.rewrap()
    expect(rest).toEqual({ rewrapped: halfway.get('main#1'), alreadyDone: 0, quarantined: [], foreign: new Map() })
    await operator.assertRetirable('main#1')
  })
})

describe('a vault without the right key', () => {
  const ring = (id: string): KeyProvider => keyRing({ current: id, keys: { [id]: generateKey() } })
  const reads = [
    (vault: Vault) => vault.as({ id: 'alice' }).scope({ server: 'github' }).get('token'),
    (vault: Vault) => vault.as({ id: 'alice' }).scope({ server: 'github' }).get('token', { version: 1 }),
    (vault: Vault) => vault.as({ id: 'alice' }).scope({ server: 'github' }).use('token', String),
    async (vault: Vault) => {
      const { values, errors } = await vault.as({ id: 'alice' }).scope({ server: 'github' }).getAll()
      expect(values.size).toBe(0)
      throw errors.get('token')
    },
    (vault: Vault) => vault.as({ id: 'alice' }).scope({ server: 'github' }).patch('token', { a: 'x' }),
  ]

  it.each([
    ['another key', ring('other#1'), 'VAULT_KEY_UNKNOWN'],
    ['another key of the same id', ring('main#1'), 'VAULT_KEY_MISMATCH'],
  ])('[A22][A39] opens nothing with %s', async (_, keys, code) => {
    const { scope, other } = testVault()
    await scope('alice').set('token', { a: 'of production' })
    for (const mode of ['required', 'dangerously-off'] as const) {
      for (const read of reads) expect(await codeOf(read(other({ keys, audit: { mode } })))).toBe(code)
    }
  })

  it('[A39] of development cannot open what production sealed', async () => {
    const store = memoryStore()
    const production = createVault({ keys: ring('prod#1'), store })
    await production.as({ id: 'alice' }).scope().set('token', 'of production')
    const development = createVault({ keys: ring('dev#1'), store })
    const error = await development
      .as({ id: 'alice' })
      .scope()
      .get('token')
      .catch((thrown: unknown) => thrown)
    expect(isVaultError(error, 'VAULT_KEY_UNKNOWN') && error.keyId).toBe('prod#1')
  })
})
