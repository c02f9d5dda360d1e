// A process that comes up with other keys than those of the vault: the error names the key, and nothing is written.
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import type { Vault } from '../../src/create-vault.ts'
import { isVaultError } from '../../src/errors/index.ts'
import { wrapKeyIds } from '../../src/keys/index.ts'
import {
  generateKey,
  generateSalt,
  keyFromEnv,
  keyFromPassphrase,
  keyRing,
  multiProvider,
} from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { recordingStore } from '../../src/testing/index.ts'

const ring = (current: string, keys: Record<string, string> = { [current]: generateKey() }): KeyProvider =>
  keyRing({ current, keys })
const salt = generateSalt()
const passphraseOf = (passphrase: string): KeyProvider =>
  keyFromPassphrase({ passphrase, salt, kdf: 'pbkdf2-sha256', iterations: 100_000 })

const modes = ['required', 'dangerously-off'] as const
type Mode = (typeof modes)[number]

const vaultOn = (store: VaultStore, keys: KeyProvider, mode: Mode = 'required') =>
  testVault({ store, keys, audit: { mode } }).vault
const isWrite = (name: string): boolean => /put|insert|replace|append|remove/.test(name)
const own = (vault: Vault, id: string) => vault.as({ id }).scope({ server: 'github' })

/** A store where alice has a secret under these keys. */
async function storeUnder(keys: KeyProvider, mode: Mode): Promise<VaultStore> {
  const store = memoryStore()
  const vault = vaultOn(store, keys, mode)
  await own(vault, 'alice').set('token', 'kept')
  await vault.close()
  return store
}

/** Every call fails like this, nothing is written, and the vault's own keys still open everything. */
async function refusesAll(facts: {
  readonly store: VaultStore
  readonly keys: KeyProvider
  readonly wrong: KeyProvider
  readonly mode: Mode
  readonly error: { readonly code: string; readonly keyId?: string }
}): Promise<void> {
  const { store, keys, wrong, mode, error } = facts
  const recorded = recordingStore(store)
  const vault = vaultOn(recorded, wrong, mode)
  const works = [
    () => own(vault, 'alice').get('token'),
    () => own(vault, 'alice').set('token', 'new'),
    () => own(vault, 'bob').set('token', 'of bob'),
  ]
  for (const work of works) await expect(work()).rejects.toMatchObject(error)
  // A rewrap reports the rows, unless the vault could not be opened at all.
  const rewrap = vault.operator(operatorPrincipal).rewrap({ verify: true })
  const codes = await rewrap.then(
    ({ quarantined }) => quarantined.map(({ code }) => code),
    (thrown: unknown) => [isVaultError(thrown) && thrown.code],
  )
  expect([...new Set(codes)]).toEqual([error.code])
  await vault.close()
  expect(recorded.calls.filter(isWrite)).toEqual([])
  const right = vaultOn(store, keys, mode)
  expect((await own(right, 'alice').get('token'))?.reveal()).toBe('kept')
  expect(await own(right, 'bob').get('token')).toBeUndefined()
  await right.close()
}

describe.each(modes)('with audit %s', (mode) => {
  it('[A35] another key under the same id is named, on every path, before anything is written', async () => {
    const keys = ring('main#1')
    const error = { code: 'VAULT_KEY_MISMATCH', keyId: 'main#1' }
    const store = await storeUnder(keys, mode)
    await refusesAll({ store, keys, wrong: ring('main#1'), mode, error })
    const asOlder = keyRing({ current: 'main#2', keys: { 'main#1': generateKey(), 'main#2': generateKey() } })
    await refusesAll({ store, keys, wrong: asOlder, mode, error })
    const asRecovery = multiProvider({ primary: ring('main#3'), recovery: [ring('main#1')] })
    await refusesAll({ store, keys, wrong: asRecovery, mode, error })
  })

  it('[A35] a passphrase with a line break at its end is named', async () => {
    const keys = passphraseOf('correct horse battery')
    const [keyId] = await keys.currentKeyIds()
    const error = { code: 'VAULT_KEY_MISMATCH', keyId: keyId ?? '' }
    const wrong = passphraseOf('correct horse battery\n')
    await refusesAll({ store: await storeUnder(keys, mode), keys, wrong, mode, error })
  })

  it('a key of another id is unknown, and brings no second key into the vault', async () => {
    const keys = ring('main#1')
    const wrong = keyFromEnv({ env: { MCPVAULT_KEY: generateKey() } })
    const error = { code: 'VAULT_KEY_UNKNOWN', keyId: 'main#1' }
    const store = await storeUnder(keys, mode)
    const recorded = recordingStore(store)
    const vault = vaultOn(recorded, wrong, mode)
    await expect(own(vault, 'alice').get('token')).rejects.toMatchObject(error)
    await expect(own(vault, 'bob').set('token', 'of bob')).rejects.toMatchObject(error)
    await vault.close()
    expect(recorded.calls.filter(isWrite)).toEqual([])
  })

  it('the same bytes under another id open everything, and a rewrap moves to that id', async () => {
    const key = generateKey()
    const unnamed = keyFromEnv({ env: { MCPVAULT_KEY: key } })
    const store = await storeUnder(unnamed, mode)
    const named = keyFromEnv({ env: { MCPVAULT_KEY: `main#1:${key}` } })
    const vault = vaultOn(store, named, mode)
    expect((await own(vault, 'alice').get('token'))?.reveal()).toBe('kept')
    await own(vault, 'bob').set('token', 'of bob')
    const operator = vault.operator(operatorPrincipal)
    expect((await operator.rewrap()).quarantined).toEqual([])
    expect([...(await operator.census()).byKeyId.keys()]).toEqual(['main#1'])
    await vault.close()
    const back = vaultOn(store, unnamed, mode)
    expect((await own(back, 'bob').get('token'))?.reveal()).toBe('of bob')
  })

  it('a new key beside the old one may wrap, and its id is taken from then on', async () => {
    const [old, next] = [generateKey(), generateKey()]
    const store = await storeUnder(ring('main#1', { 'main#1': old }), mode)
    const rotated = vaultOn(store, ring('main#2', { 'main#1': old, 'main#2': next }), mode)
    await own(rotated, 'bob').set('token', 'of bob')
    const wrong = vaultOn(store, ring('main#2', { 'main#1': old, 'main#2': generateKey() }), mode)
    await expect(own(wrong, 'alice').get('token')).rejects.toMatchObject({
      code: 'VAULT_KEY_MISMATCH',
      keyId: 'main#2',
    })
  })

  it('of two processes that begin at once with two keys of one id, the second is refused', async () => {
    const store = memoryStore()
    const vaults = [vaultOn(store, ring('main#1'), mode), vaultOn(store, ring('main#1'), mode)]
    const outcomes = await Promise.all(
      vaults.map((vault, index) => codeOf(own(vault, `user ${index}`).set('token', 'x'))),
    )
    expect(outcomes.filter((outcome) => outcome === 'VAULT_KEY_MISMATCH')).toHaveLength(1)
  })

  it('of two processes that begin at once with two keys of two ids, one makes every key of the vault', async () => {
    const store = memoryStore()
    const vaults = [vaultOn(store, ring('main#1'), mode), vaultOn(store, ring('other#1'), mode)]
    const outcomes = await Promise.all(
      vaults.map((vault, index) => codeOf(own(vault, `user ${index}`).set('token', 'x'))),
    )
    expect(outcomes.filter((outcome) => outcome === 'VAULT_KEY_UNKNOWN')).toHaveLength(1)
    const rows = await store.dataKeys.list({ limit: 10 })
    expect(new Set(rows.flatMap(({ wraps }) => wrapKeyIds(wraps))).size).toBe(1)
    expect(rows.map(({ scope }) => scope.kind).sort()).toEqual(['audit', 'values'])
  })
})

describe('a key id that was taken after a process had looked', () => {
  /** Two processes with different keys under `main#2`; the right one rewraps to it while the other runs. */
  async function bothRotating() {
    const [old, spare] = [generateKey(), ring('spare#1')]
    const withSpare = (next: string) =>
      multiProvider({ primary: ring('main#2', { 'main#1': old, 'main#2': next }), recovery: [spare] })
    const store = await storeUnder(ring('main#1', { 'main#1': old }), 'required')
    const wrong = vaultOn(store, withSpare(generateKey()))
    expect((await own(wrong, 'alice').get('token'))?.reveal()).toBe('kept')
    const right = vaultOn(store, withSpare(generateKey()))
    await right.operator(operatorPrincipal).rewrap()
    return { store, wrong, right }
  }

  it('is told apart from an altered wrap, and no good wrap is replaced', async () => {
    const { store, wrong, right } = await bothRotating()
    const before = await store.dataKeys.list({ limit: 10 })
    const report = await wrong.operator(operatorPrincipal).rewrap({ verify: true })
    expect(report.quarantined.map(({ code }) => code)).toEqual(['VAULT_KEY_MISMATCH', 'VAULT_KEY_MISMATCH'])
    expect(await store.dataKeys.list({ limit: 10 })).toEqual(before)
    expect((await right.operator(operatorPrincipal).rewrap({ verify: true })).quarantined).toEqual([])
  })

  it('makes no new data key', async () => {
    const { store, wrong } = await bothRotating()
    await expect(own(wrong, 'bob').set('token', 'x')).rejects.toMatchObject({
      code: 'VAULT_KEY_MISMATCH',
      keyId: 'main#2',
    })
    expect(await store.dataKeys.list({ owner: 'bob', limit: 10 })).toEqual([])
  })
})

describe('what a vault keeps of its keys', () => {
  it('is a fingerprint and a time for each key id, each 8 bytes, written once and before the first wrap', async () => {
    const store = recordingStore(memoryStore())
    const keys = ring('main#1')
    const vault = vaultOn(store, keys)
    await own(vault, 'alice').set('token', 'x')
    await own(vault, 'bob').set('token', 'x')
    const names = store.calls.filter((name) => name.includes('insert'))
    // The vault id comes first.
    const metas = Array.from({ length: 3 }, () => 'meta.insertOnce')
    expect(names.slice(0, 4)).toEqual([...metas, 'dataKeys.insert'])
    expect(names.filter((name) => name === 'meta.insertOnce')).toHaveLength(3)
    expect(await store.meta.read('kek-seen/main#1')).toHaveLength(8)
    expect(await store.meta.read('kek/main#1')).toEqual((await keys.fingerprints?.())?.get('main#1'))
  })

  it('is the id alone where a key service holds the key', async () => {
    const store = memoryStore()
    const service: KeyProvider = { ...ring('arn:main#1'), fingerprints: () => new Map() }
    await own(vaultOn(store, service), 'alice').set('token', 'x')
    expect(await store.meta.read('kek/arn:main#1')).toEqual(new Uint8Array())
    expect((await own(vaultOn(store, service), 'alice').get('token'))?.reveal()).toBe('x')
  })

  it('has no part of a provider that gives something else', async () => {
    const keys: KeyProvider = { ...ring('main#1'), fingerprints: () => new Map([['main#1', new Uint8Array(4)]]) }
    const error = await own(vaultOn(memoryStore(), keys), 'alice')
      .get('token')
      .catch((thrown: unknown) => thrown)
    expect(isVaultError(error, 'VAULT_CONFIG_INVALID') && error.field).toBe('keys')
  })
})
