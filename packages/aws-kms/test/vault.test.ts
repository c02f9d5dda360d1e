// A vault on KMS: how often it asks, what it does in an outage, and what it does when it is refused.
import { createVault, memoryStore, type VaultLimits, type VaultStore } from '@mcpvault/core'
import { manualClock } from '@mcpvault/core/testing'
import { describeWith } from '@mcpvault/testkit'
import { type KmsEndpoint, startKmsEndpoint } from '@mcpvault/testkit/kms'
import { codeOf } from '@mcpvault/testkit/vaults'
import { afterEach, expect, it } from 'vitest'
import { awsKms } from '../src/index.ts'
import { clientOf } from './support/endpoints.ts'

const minuteMs = 60_000
const policy = { roles: { operator: [{ allow: ['operate'] }] } } as const
// What is promised is 100,000 reads over 500 owners; fewer show the same sooner.
const owners = process.env['MCPVAULT_LONG'] === '1' ? 500 : 50
const readsOfEach = 200

describeWith('a vault on KMS', startKmsEndpoint, (service) => {
  afterEach(() => service().trouble('cut', 0))

  function setting(endpoint: KmsEndpoint) {
    const store = memoryStore()
    const keyId = endpoint.createKey()
    const clock = manualClock()
    const client = clientOf(endpoint)
    const open = (limits: Partial<VaultLimits> = {}, on: VaultStore = store) =>
      createVault({ store: on, keys: awsKms({ client, keyId }), clock, limits, audit: { mode: 'buffered' } })
    return { store, keyId, clock, open }
  }

  it(`[T34] asks once for each of ${owners} owners in a new process, whatever they read`, async () => {
    const endpoint = service()
    const { open } = setting(endpoint)
    const names = Array.from({ length: owners }, (_, index) => `owner ${index}`)
    const before = open()
    for (const owner of names) await before.as({ id: owner }).scope().set('token', 'a value')
    await before.close()
    const asked = endpoint.requests.length
    const vault = open()
    for (let read = 0; read < readsOfEach; read++) {
      await Promise.all(names.map((owner) => vault.as({ id: owner }).scope().get('token')))
    }
    // One more for the audit trail.
    expect(endpoint.requests.length - asked).toBeLessThanOrEqual(owners + 1)
    await vault.close()
  })

  it('serves what it has through an outage, up to the hard limit', async () => {
    const endpoint = service()
    const { open, clock } = setting(endpoint)
    const vault = open()
    const scope = vault.as({ id: 'alice' }).scope()
    await scope.set('token', 'a value')
    endpoint.trouble({ error: 'ThrottlingException' })
    clock.advance(30 * minuteMs)
    expect((await scope.get('token'))?.reveal()).toBe('a value')
    endpoint.trouble('cut')
    clock.advance(29 * minuteMs)
    expect((await scope.get('token'))?.reveal()).toBe('a value')
    clock.advance(2 * minuteMs)
    expect(await codeOf(scope.get('token'))).toBe('VAULT_KEY_UNAVAILABLE')
    endpoint.trouble('cut', 0)
    expect((await scope.get('token'))?.reveal()).toBe('a value')
    await vault.close()
  })

  it.each(['Disabled', 'PendingDeletion'] as const)(
    'forgets the data key at once when the key is %s',
    async (state) => {
      const endpoint = service()
      const { open, clock, keyId } = setting(endpoint)
      const vault = open()
      const scope = vault.as({ id: 'alice' }).scope()
      await scope.set('token', 'a value')
      endpoint.setState(keyId, state)
      clock.advance(6 * minuteMs)
      expect(await codeOf(scope.get('token'))).toBe('VAULT_KEY_DENIED')
      endpoint.trouble('cut')
      expect(await codeOf(scope.get('token'))).toBe('VAULT_KEY_UNAVAILABLE')
      endpoint.trouble('cut', 0)
      endpoint.setState(keyId, 'Enabled')
      expect((await scope.get('token'))?.reveal()).toBe('a value')
      await vault.close()
    },
  )

  it('opens in another region what a multi-Region key wrapped in the first', async () => {
    const first = service()
    const second = await startKmsEndpoint({ region: 'us-east-1' })
    try {
      const store = memoryStore()
      const keyId = first.createKey({ kind: 'multi-Region' })
      const replica = first.replicate(keyId, second)
      const here = createVault({ store, keys: awsKms({ client: clientOf(first), keyId }) })
      await here.as({ id: 'alice' }).scope().set('token', 'a value')
      await here.close()
      const there = createVault({ store, policy, keys: awsKms({ client: clientOf(second), keyId: replica }) })
      expect((await there.as({ id: 'alice' }).scope().get('token'))?.reveal()).toBe('a value')
      // It is one key, so its wraps stay as they are, and it cannot be retired by either ARN.
      const operator = there.operator({ id: 'olga', roles: ['operator'] })
      expect(await operator.rewrap()).toMatchObject({ rewrapped: 0, quarantined: [], foreign: new Map() })
      for (const arn of [keyId, replica]) expect(await codeOf(operator.assertRetirable(arn))).toBe('VAULT_CONFLICT')
      await there.close()
      expect(second.requests.map(({ body }) => body['KeyId'])).toEqual(second.requests.map(() => replica))
    } finally {
      await second.stop()
    }
  })
})
