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
