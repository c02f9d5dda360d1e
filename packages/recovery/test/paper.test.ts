// Recovery keys on paper: as words and as shares, there and back, and every mistake of a reader is found.
import {
  createVault,
  generateKey,
  keyRing,
  memoryStore,
  multiProvider,
  recoveryKey,
  recoveryOpener,
  recoveryRecipient,
} from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { combineRecoveryShares, recoveryFromWords, recoveryWords, splitRecoveryKey } from '../src/index.ts'

const invalid = (field: string) => expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field })
const { privateKey } = recoveryKey()
/** RFC 8410 has no vector for this; the words are those of the test vectors of BIP-39 for 32 bytes of 7f. */
const known = {
  privateKey: `recovery-private:${Buffer.alloc(32, 0x7f).toString('base64url')}`,
  words: `${'legal winner thank year wave sausage worth useful '.repeat(2)}legal winner thank year wave sausage worth title`,
}

describe('words', () => {
  it('are those of BIP-39', () => {
    expect(recoveryWords(known.privateKey)).toBe(known.words)
    expect(recoveryFromWords(known.words)).toBe(known.privateKey)
  })

  it('are the same for a private half in quotes', () => {
    expect(recoveryWords(` "${known.privateKey}"\n`)).toBe(known.words)
  })

  it('give the key back, whatever blanks and capitals they have', () => {
    const words = recoveryWords(privateKey)
    expect(words.split(' ')).toHaveLength(24)
    expect(recoveryFromWords(`\n ${words.toUpperCase().replaceAll(' ', '\r\n  ')}\n`)).toBe(privateKey)
  })

  it('of which one is not in the list are refused by its place', () => {
    const words = recoveryWords(privateKey).split(' ').with(6, 'tokken').join(' ')
    expect(() => recoveryFromWords(words)).toThrow(/word 7/)
    expect(() => recoveryFromWords(words)).toThrow(invalid('words'))
  })

  it.each([
    ['too few', known.words.split(' ').slice(1).join(' ')],
    ['none', ''],
    ['in another order', known.words.split(' ').reverse().join(' ')],
  ])('that are %s are refused', (_what, words) => {
    expect(() => recoveryFromWords(words)).toThrow(invalid('words'))
  })

  it('are made of a private half alone', () => {
    expect(() => recoveryWords(recoveryKey().publicKey)).toThrow(invalid('privateKey'))
  })
})

describe('shares', () => {
  it.each([
    [2, 2],
    [5, 3],
    [255, 20],
  ])('of %i, any %i in any order give the key back', async (count, needed) => {
    const shares = await splitRecoveryKey(privateKey, { shares: count, needed })
    expect(new Set(shares).size).toBe(count)
    expect(await combineRecoveryShares(shares.slice(0, needed))).toBe(privateKey)
    expect(await combineRecoveryShares(shares.slice(-needed).reverse())).toBe(privateKey)
    expect(await combineRecoveryShares(shares)).toBe(privateKey)
  })

  it('are easily read: groups of four characters of which none looks like another', async () => {
    const [share = ''] = await splitRecoveryKey(privateKey, { shares: 3, needed: 2 })
    expect(share).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){17}[0-9A-HJKMNP-TV-Z]{1,4}$/)
    const others = (await splitRecoveryKey(privateKey, { shares: 2, needed: 2 })).map((each) =>
      each.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l'),
    )
    expect(await combineRecoveryShares(others)).toBe(privateKey)
  })

  it('that are too few say how many are needed', async () => {
    const shares = await splitRecoveryKey(privateKey, { shares: 5, needed: 3 })
    await expect(combineRecoveryShares(shares.slice(2, 4))).rejects.toThrow(/must be 3, and are 2/)
  })

  it('with a wrong character anywhere are refused by their place', async () => {
    const [first = '', second = ''] = await splitRecoveryKey(privateKey, { shares: 3, needed: 2 })
    for (let at = 0; at < second.length; at++) {
      if (second[at] === '-') continue
      const wrong = `${second.slice(0, at)}${second[at] === '7' ? '8' : '7'}${second.slice(at + 1)}`
      await expect(combineRecoveryShares([first, wrong])).rejects.toThrow(/share 2/)
    }
  })

  it.each([
    ['is cut', (share: string) => share.slice(0, -2)],
    ['has more at its end', (share: string) => `${share}0`],
    ['has a character of no share', (share: string) => share.replace(/^./, '#')],
    ['is empty', () => ''],
  ])('of which one %s are refused', async (_what, change) => {
    const [first = '', second = ''] = await splitRecoveryKey(privateKey, { shares: 3, needed: 2 })
    await expect(combineRecoveryShares([first, change(second)])).rejects.toThrow(invalid('shares'))
  })

  it('of another key, or another splitting with another number, are refused by their place', async () => {
    const [first = ''] = await splitRecoveryKey(privateKey, { shares: 3, needed: 2 })
    const [stranger = ''] = await splitRecoveryKey(recoveryKey().privateKey, { shares: 3, needed: 2 })
    const [other = ''] = await splitRecoveryKey(privateKey, { shares: 3, needed: 3 })
    await expect(combineRecoveryShares([first, stranger])).rejects.toThrow(/share 2 is of another/)
    await expect(combineRecoveryShares([first, other])).rejects.toThrow(/share 2 is of another/)
  })

  it('of two splittings of one key never give a wrong key', async () => {
    const [first = ''] = await splitRecoveryKey(privateKey, { shares: 2, needed: 2 })
    const again = await splitRecoveryKey(privateKey, { shares: 2, needed: 2 })
    for (const other of again) await expect(combineRecoveryShares([first, other])).rejects.toThrow(invalid('shares'))
    for (const other of again) await expect(combineRecoveryShares([first, other])).rejects.toThrow(/of one splitting/)
  })

  it('that are given twice are refused by their place', async () => {
    const [first = ''] = await splitRecoveryKey(privateKey, { shares: 3, needed: 2 })
    await expect(combineRecoveryShares([first, first])).rejects.toThrow(/share 2 is share 1 again/)
  })

  it.each([
    ['shares', { shares: 1, needed: 1 }],
    ['shares', { shares: 256, needed: 2 }],
    ['shares', { shares: 2.5, needed: 2 }],
    ['needed', { shares: 3, needed: 1 }],
    ['needed', { shares: 3, needed: 4 }],
  ])('cannot be made when %s is wrong: %j', async (field, options) => {
    await expect(splitRecoveryKey(privateKey, options)).rejects.toThrow(invalid(field))
  })

  it('[N18] of a recovery key open a vault whose master key is lost', async () => {
    const store = memoryStore()
    const pair = recoveryKey()
    const shares = await splitRecoveryKey(pair.privateKey, { shares: 5, needed: 3 })
    const first = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const before = createVault({
      store,
      keys: multiProvider({ primary: first, recovery: [recoveryRecipient(pair.publicKey)] }),
    })
    await before.as({ id: 'alice' }).scope().set('token', 'a value')
    await before.close()

    const second = keyRing({ current: 'main#2', keys: { 'main#2': generateKey() } })
    const opener = recoveryOpener(await combineRecoveryShares(shares.slice(1, 4)))
    const vault = createVault({ store, keys: multiProvider({ primary: second, recovery: [opener] }) })
    expect((await vault.as({ id: 'alice' }).scope().get('token'))?.reveal()).toBe('a value')
    await vault.close()
  })
})
