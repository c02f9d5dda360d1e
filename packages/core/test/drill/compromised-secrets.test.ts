// The drill for secrets that others may know: who read them, replace all of them, and see who still uses them.
import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { callbackSink } from '../../src/audit/index.ts'

const incident = { id: 'ines', roles: ['auditor', 'reader', 'writer'] }

describe('secrets that are compromised', () => {
  it('[T44] have a list of their readers since a time, are replaced in bulk, and every later use is seen', async () => {
    const watched: string[] = []
    const sink = callbackSink((batch) => {
      for (const { event } of batch)
        if (event.action === 'secret.accessed') watched.push(`${event.principal} ${event.owner} ${event.outcome}`)
    })
    const test = testVault({ audit: { sinks: [sink] } })
    const owners = ['alice', 'bob', 'carol']
    for (const owner of owners) {
      await test.scope(owner).set('stripe', `leaked of ${owner}`, { tags: ['payments'] })
      await test.scope(owner).set('other', 'not affected')
    }
    await test.scope('alice').share('stripe', { with: 'dave', permission: 'read' })
    await test.scope('alice', { id: 'dave' }).get('stripe')
    test.clock.advance(1_000)
    const since = test.clock.now()
    await test.scope('alice', { id: 'dave' }).get('stripe')
    await test.scope('bob', { id: 'mallory' }).get('stripe')
    await test.scope('carol').get('other')

    const session = test.vault.as(incident)
    const readers: string[] = []
    let cursor: string | undefined
    do {
      const page = await session.auditLog({
        name: 'stripe',
        actions: ['secret.accessed'],
        from: since,
        limit: 1,
        ...(cursor === undefined ? {} : { cursor }),
      })
      readers.push(...page.items.map(({ event }) => `${event.principal} ${event.owner} ${event.outcome}`))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(readers.toSorted()).toEqual(['dave alice allowed', 'mallory bob denied'])

    const before = watched.length
    for (const owner of owners) {
      const scope = test.scope(owner, incident)
      const { items } = await scope.list({ tag: 'payments' })
      for (const { name } of items) {
        await scope.deactivate(name)
        expect(await codeOf(test.scope(owner).get(name))).toBe('VAULT_INACTIVE')
        await scope.set(name, `new of ${owner}`)
        await scope.activate(name)
      }
    }
    for (const owner of owners) {
      expect((await test.scope(owner).get('stripe'))?.reveal()).toBe(`new of ${owner}`)
      expect((await test.scope(owner).get('other'))?.reveal()).toBe('not affected')
    }
    await test.scope('alice', { id: 'dave' }).get('stripe', { version: 1 })
    await test.vault.close()
    expect(watched.slice(before)).toEqual([
      ...owners.map((owner) => `${owner} ${owner} failed`),
      ...owners.flatMap((owner) => [`${owner} ${owner} allowed`, `${owner} ${owner} allowed`]),
      'dave alice allowed',
    ])
  })
})
