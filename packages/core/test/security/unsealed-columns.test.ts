// A database that says of records what their seals do not: a list shows only what was asked for.

import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import type { ListOptions } from '../../src/vault/parse/list.ts'

/** A store whose lists have every record of the vault, whatever is asked for. */
async function lyingVault() {
  const plain = memoryStore()
  const store: VaultStore = {
    ...plain,
    secrets: {
      ...plain.secrets,
      list: ({ limit, after }) => plain.secrets.list({ limit, ...(after === undefined ? {} : { after }) }),
    },
  }
  const test = testVault({ store })
  const { vault, scope, clock } = test
  const expiresAt = new Date(clock.now().getTime() + 60_000)
  await scope('alice').set('dev', 'x', { tags: ['dev'], type: 'api_key', tier: 3, expiresAt })
  await vault.as({ id: 'alice' }).scope({ server: 'figma' }).set('elsewhere', 'x')
  await scope('bob').set('of-bob', 'x')
  await scope('bob').share('of-bob', { with: 'alice', permission: 'read' })
  return test
}

describe('a list of a database that answers with too much', () => {
  it.each<readonly [string, ListOptions]>([
    ['a tag', { tag: 'prod' }],
    ['any of some tags', { anyTag: ['prod', 'test'] }],
    ['all of some tags', { allTags: ['dev', 'prod'] }],
    ['a type', { type: 'jwt_secret' }],
    ['a tier', { tier: 1 }],
    ['a state', { state: 'inactive' }],
    ['an expiry that has come', { state: 'expired' }],
    ['an expiry', { expiresBefore: new Date(0) }],
  ])('[A16] shows nothing that has not %s', async (_, options) => {
    const { scope, vault } = await lyingVault()
    expect((await scope('alice').list(options)).items).toEqual([])
    expect((await vault.as({ id: 'alice' }).listAll(options)).items).toEqual([])
  })

  it('[A16] shows nothing of another owner or server', async () => {
    const { scope, vault } = await lyingVault()
    const namesOf = ({ items }: Awaited<ReturnType<ReturnType<typeof scope>['list']>>) => items.map(({ name }) => name)
    expect(namesOf(await scope('alice').list())).toEqual(['dev'])
    expect(namesOf(await scope('bob', { id: 'alice' }).list())).toEqual(['of-bob'])
    expect(namesOf(await vault.as({ id: 'alice' }).listAll()).sort()).toEqual(['dev', 'elsewhere', 'of-bob'])
    expect(namesOf(await vault.as({ id: 'bob' }).listAll())).toEqual(['of-bob'])
  })

  it('[A16] shows one who reads by a role nothing but what is its own or was given to it in listAll', async () => {
    const { vault } = await lyingVault()
    expect((await vault.as({ id: 'root', roles: ['reader'] }).listAll()).items).toEqual([])
  })
})
