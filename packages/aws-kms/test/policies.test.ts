// The shipped policies suffice for what they are for, and allow nothing else.
import { EncryptCommand } from '@aws-sdk/client-kms'
import { createVault, memoryStore, type VaultStore } from '@mcpvault/core'
import { describeWith } from '@mcpvault/testkit'
import { type KmsCredentials, type KmsEndpoint, startKmsEndpoint } from '@mcpvault/testkit/kms'
import { codeOf } from '@mcpvault/testkit/vaults'
import { expect, it } from 'vitest'
import { awsKms } from '../src/index.ts'
import { clientOf } from './support/endpoints.ts'
import { shippedPolicy } from './support/policies.ts'

const policy = { roles: { operator: [{ allow: ['operate', 'audit'] }] } } as const
const operator = { id: 'olga', roles: ['operator'] }

describeWith('the shipped policies', startKmsEndpoint, (service) => {
  function vaultOn(endpoint: KmsEndpoint, at: { store: VaultStore; credentials: KmsCredentials; keyId: string }) {
    const { store, credentials, keyId } = at
    const previousKeyIds = endpoint === service() ? [firstKey] : []
    return createVault({
      store,
      policy,
      keys: awsKms({ client: clientOf(endpoint, { credentials }), keyId, previousKeyIds }),
    })
  }
  let firstKey = ''

  it('of an application let it set and get, and not rewrap', async () => {
    const endpoint = service()
    firstKey = endpoint.createKey()
    const server = endpoint.createPrincipal('server', shippedPolicy('application', { keyArn: firstKey }))
    const store = memoryStore()
    const vault = vaultOn(endpoint, { store, credentials: server, keyId: firstKey })
    await vault.as({ id: 'alice' }).scope().set('token', 'a value')
    await vault.close()
    const again = vaultOn(endpoint, { store, credentials: server, keyId: firstKey })
    expect((await again.as({ id: 'alice' }).scope().get('token'))?.reveal()).toBe('a value')
    await again.close()

    const newKey = endpoint.createKey()
    const moved = vaultOn(endpoint, { store, credentials: server, keyId: newKey })
    const { rewrapped, quarantined } = await moved.operator(operator).rewrap()
    expect([rewrapped, quarantined.map(({ code }) => code)]).toEqual([0, ['VAULT_KEY_DENIED', 'VAULT_KEY_DENIED']])
    await moved.close()
  })

  it('of an operator let it rewrap, after which the old key can be retired', async () => {
    const endpoint = service()
    firstKey = endpoint.createKey()
    const newKey = endpoint.createKey()
    const store = memoryStore()
    const before = vaultOn(endpoint, { store, credentials: endpoint.credentials, keyId: firstKey })
    await before.as({ id: 'alice' }).scope().set('token', 'a value')
    await before.close()
    const document = shippedPolicy('operator', { keyArn: newKey, previousKeyArn: firstKey })
    const keeper = endpoint.createPrincipal('keeper', document)
    const vault = vaultOn(endpoint, { store, credentials: keeper, keyId: newKey })
    const report = await vault.operator(operator).rewrap()
    expect([report.rewrapped, report.quarantined]).toEqual([2, []])
    await vault.operator(operator).assertRetirable(firstKey)
    endpoint.setState(firstKey, 'PendingDeletion')
    await vault.close()
    const after = vaultOn(endpoint, { store, credentials: endpoint.credentials, keyId: newKey })
    expect((await after.as({ id: 'alice' }).scope().get('token'))?.reveal()).toBe('a value')
    await after.close()
  })

  it('of the key refuse whatever is not bound to a vault, for every caller', async () => {
    const endpoint = service()
    const keyArn = endpoint.createKey()
    const guarded = endpoint.createKey({ policy: shippedPolicy('key-policy', { keyArn }) })
    const client = clientOf(endpoint)
    const unbound = new EncryptCommand({ KeyId: guarded, Plaintext: new Uint8Array(32), EncryptionContext: { a: 'b' } })
    await expect(client.send(unbound)).rejects.toMatchObject({ name: 'AccessDeniedException' })
    const vault = createVault({ store: memoryStore(), keys: awsKms({ client, keyId: guarded }) })
    expect(await codeOf(vault.as({ id: 'alice' }).scope().set('token', 'a value'))).toMatchObject({ resolved: {} })
    await vault.close()
  })
})
