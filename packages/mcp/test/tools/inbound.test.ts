// What a model wrote into the arguments is looked through for what no model should have.
import { createVault, generateKey, keyRing, memoryStore } from '@mcpvault/core'
import { expect, it } from 'vitest'
import { withSecrets } from '../../src/index.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const principal = { id: 'alice' }

it('a canary in the arguments raises the alarm, is named to the host, and does not end the call by itself', async () => {
  const alarms: string[] = []
  const vault = createVault({ keys, store: memoryStore(), onCanary: ({ ref }) => alarms.push(ref.name) })
  const scope = vault.as(principal).scope({ server: 'billing' })
  await scope.canary('admin-token')
  const decoy = (await scope.get('admin-token'))?.reveal() ?? ''
  alarms.length = 0
  const found: unknown[] = []
  const inbound = { canariesOf: ['billing'], onFound: (names: readonly string[]) => void found.push(...names) }
  const tool = withSecrets(vault, { principal, secrets: {}, inbound }, async (_args: { note: string }) => ({
    ok: true,
  }))
  expect(await tool({ note: 'nothing of it' }, {})).toEqual({ ok: true })
  expect([found, alarms]).toEqual([[], []])
  expect(await tool({ note: `use ${decoy} now` }, {})).toEqual({ ok: true })
  expect([found, alarms]).toEqual([['billing/admin-token'], ['admin-token']])
  const { items } = await vault.as(principal).auditLog({ owner: 'alice', actions: ['access.canary'] })
  expect(items.map(({ event }) => event.operation)).toContain('findCanaries')
  await vault.close()
})

it('a canary is found in long arguments, and in the encodings in which one would be hidden', async () => {
  const vault = createVault({ keys, store: memoryStore() })
  const scope = vault.as(principal).scope({ server: 'billing' })
  await scope.canary('database', { shape: 'database_url' })
  const decoy = (await scope.get('database'))?.reveal() ?? ''
  let found: readonly string[] = []
  const onFound = (names: readonly string[]): void => {
    found = names
  }
  const inbound = { canariesOf: ['billing'], onFound }
  const tool = withSecrets(vault, { principal, secrets: {}, inbound }, async (_args: object) => ({ ok: true }))
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const hidden: Readonly<Record<string, unknown>> = {
    'far behind': [' '.repeat(4_194_304), decoy],
    'over two pieces': `${' '.repeat(3_999_990)}${decoy}`,
    'a key': { [decoy]: 1 },
    'a URL': encodeURIComponent(decoy),
    'a URL in a URL': encodeURIComponent(encodeURIComponent(decoy)),
    'JSON in JSON': JSON.stringify(decoy).replaceAll('/', '\\/'),
    base64: base64(decoy),
    'base64 with something before': base64(`x${decoy}`),
    'base64 glued to a word': `key${base64(decoy)}`,
    base64url: Buffer.from(`??${decoy}>>`).toString('base64url'),
    'base64 in a URL': encodeURIComponent(base64(decoy)),
    hex: `x${Buffer.from(decoy).toString('hex')}`,
  }
  for (const [name, args] of Object.entries(hidden)) {
    found = []
    expect(await tool({ args }, {})).toEqual({ ok: true })
    expect([name, found]).toEqual([name, ['billing/database']])
  }
  let deep: unknown = 'nothing'
  for (let depth = 0; depth < 20_000; depth++) deep = [deep]
  found = []
  expect(await tool({ deep, long: 'a'.repeat(5_000_000), other: base64('b'.repeat(1_000)) }, {})).toEqual({ ok: true })
  expect(found).toEqual([])
  await vault.close()
})

it('a live value in the arguments is named to the host, whose error refuses the call', async () => {
  const vault = createVault({ keys, store: memoryStore() })
  await vault.as(principal).scope({ server: 'issues' }).set('token', 'a live value of alice')
  let calls = 0
  const tool = withSecrets(
    vault,
    {
      principal,
      secrets: { token: 'issues' },
      inbound: {
        onFound: ([first]) => {
          throw new Error(`The arguments hold ${first}.`)
        },
      },
    },
    async (_args: { note: string }) => {
      calls += 1
      return { ok: true }
    },
  )
  // Values are live from their first use on.
  expect(await tool({ note: 'none' }, {})).toEqual({ ok: true })
  await expect(tool({ note: `${btoa('a live value of alice')}` }, {})).rejects.toThrow(
    'The arguments hold issues/token.',
  )
  expect(calls).toBe(1)
  await vault.close()
})
