// Tenants reach what is theirs or was given to them, and nothing else: random operations against a model.

import { runTenants, tenantPolicy } from '@mcpvault/testkit/tenants'
import { operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const operationsPerSeed = 1_250

describe('tenants', () => {
  it.each(seeds)('[S38][N14][N1] see in random operations what the model says, seed %i', async (seed) => {
    const test = testVault({ policy: tenantPolicy, audit: { mode: seed % 2 === 0 ? 'required' : 'buffered' } })
    // Two vaults on one store, like two processes, take turns at random.
    await runTenants({ vaults: [test.vault, test.other()], seed, operations: operationsPerSeed })
    expect((await test.vault.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
  })

  it('[N1][N14] of one server and name get their own value in 1,000 interleaved calls', async () => {
    const { scope } = testVault()
    for (const id of ['alice', 'bob']) await scope(id).set('token', `of ${id}`)
    const calls = Array.from({ length: 1_000 }, async (_, index) => {
      const id = index % 2 === 0 ? 'alice' : 'bob'
      if (index % 10 < 2) await scope(id).set('token', `of ${id}, ${index}`)
      return [id, (await scope(id).get('token'))?.reveal()] as const
    })
    for (const [id, value] of await Promise.all(calls)) expect(value?.startsWith(`of ${id}`)).toBe(true)
  })
})

describe('two vaults on one store', () => {
  it('[A27] read at once what the other has written', async () => {
    const { scope, other } = testVault()
    const here = scope('alice')
    const there = other().as({ id: 'alice' }).scope({ server: 'github' })
    for (let round = 0; round < 20; round++) {
      await here.set('token', `here ${round}`)
      expect((await there.get('token'))?.reveal()).toBe(`here ${round}`)
      await there.set('token', `there ${round}`)
      expect((await here.get('token'))?.reveal()).toBe(`there ${round}`)
    }
    expect((await here.describe('token'))?.version).toBe(40)
    await here.share('token', { with: 'bob', permission: 'read' })
    const bobThere = other().as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' })
    expect((await bobThere.get('token'))?.reveal()).toBe('there 19')
    await there.unshare('token', { with: 'bob' })
    expect(await bobThere.get('token')).toBeUndefined()
    await there.destroy('token')
    expect(await here.get('token')).toBeUndefined()
    await there.set('token', 'two')
    expect((await here.get('token'))?.reveal()).toBe('two')
  })

  it('[A27][N6] writing at the same time lose no write and give each version once', async () => {
    const { scope, other } = testVault({ limits: { versions: 100 } })
    const there = other().as({ id: 'alice' }).scope({ server: 'github' })
    const writes = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? scope('alice') : there).set('token', `value ${index}`),
    )
    const versions = (await Promise.all(writes)).map(({ version }) => version).sort((a, b) => a - b)
    expect(versions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })
})
