// How many round trips in sequence a process takes for its first value, and for its end.
import { describe, expect, it } from 'vitest'
import { createVault, type Vault } from '../../src/create-vault.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { wavingStore } from './waves.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const scopeOf = (vault: Vault, id = 'alice') => vault.as({ id }).scope({ owner: 'alice', server: 'github' })

/** A new process on a store where another has set alice's token. */
async function newProcess() {
  const plain = memoryStore()
  const first = createVault({ keys, store: plain })
  await scopeOf(first).set('token', 'a value')
  await first.close()
  const { store, wavesOf } = wavingStore(plain)
  return { plain, vault: createVault({ keys, store }), wavesOf }
}

describe('the first value of a process', () => {
  it('takes three round trips, beside the look at the schema', async () => {
    const { plain, vault, wavesOf } = await newProcess()
    const reading = scopeOf(vault).get('token')
    expect(await wavesOf(reading)).toEqual([
      // The vault id, and the fingerprint of the key.
      ['dataKeys.active', 'meta.read', 'meta.read'],
      ['dataKeys.active', 'secrets.find'],
      ['audit.append'],
    ])
    expect((await reading)?.reveal()).toBe('a value')
    const rows = await plain.audit.query({ principal: 'alice' }, { limit: 1 })
    const [{ stream } = { stream: '' }] = rows
    const inStream = await plain.audit.readStream(stream, { afterSequence: -1, limit: 10 })
    expect(inStream.map(({ columns }) => columns.action)).toEqual(['audit.opened', 'secret.accessed'])
  })

  it('takes two when everything but the record is known', async () => {
    const { vault, wavesOf } = await newProcess()
    await wavesOf(scopeOf(vault).get('token'))
    expect(await wavesOf(scopeOf(vault).get('token'))).toEqual([['secrets.find'], ['audit.append']])
  })

  it('takes as many as the answer that there is none, whether that is so or the secret is hidden', async () => {
    const answers = []
    for (const name of ['token', 'absent']) {
      const { vault, wavesOf } = await newProcess()
      const reading = scopeOf(vault, 'mallory').get(name)
      answers.push(await wavesOf(reading))
      expect(await reading).toBeUndefined()
    }
    expect(answers[0]).toEqual(answers[1])
  })

  it('makes one vault id, and one fingerprint with its time, however many processes begin at the same time', async () => {
    const { store, wavesOf } = wavingStore(memoryStore())
    const vaults = Array.from({ length: 3 }, () => createVault({ keys, store }))
    const waves = await wavesOf(Promise.all(vaults.map((vault, index) => scopeOf(vault).set(`s${index}`, 'x'))))
    expect(waves.flat().filter((name) => name === 'meta.insertOnce')).toHaveLength(3 * vaults.length)
    for (const vault of vaults) {
      const reading = scopeOf(vault).require(['s0', 's1', 's2'])
      await wavesOf(reading)
      expect((await reading).ok).toBe(true)
    }
  })
})

describe('the end of a process', () => {
  it('takes at most four round trips, and counts uses beside the last events', async () => {
    const { store, wavesOf } = wavingStore(memoryStore())
    const vault = createVault({ keys, store })
    await wavesOf(scopeOf(vault).set('token', 'a value'))
    await wavesOf(scopeOf(vault).get('token'))
    const waves = await wavesOf(vault.close())
    expect(waves[0]).toEqual(['audit.append', 'secrets.touch'])
    expect(waves.length).toBeLessThanOrEqual(4)
  })
})
