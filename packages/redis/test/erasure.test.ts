// What the names of keys say of a user after its erasure: the lists of the trail are named after their users.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { describeWith, startRedis } from '@mcpvault/testkit'
import { leaver, leaverContext, leaveTraces, operatorPrincipal, testPolicy, tracesIn } from '@mcpvault/testkit/vaults'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOn, freshStore } from './support/stores.ts'

describeWith('an erasure on Redis', startRedis, (server) => {
  let client: Redis
  beforeAll(() => {
    client = clientOn(server())
  })
  afterAll(() => client.disconnect())

  /** The names of the trail's lists, decoded. */
  async function auditLists(prefix: string): Promise<string> {
    const names = await client.keys(`${prefix}:audit:*`)
    return names.map((name) => Buffer.from(name.slice(name.lastIndexOf(':') + 1), 'base64url').toString('utf8')).join()
  }

  test('[S5][S17] leaves no list of the trail that is named after the user or one of its calls', async () => {
    const { store, prefix } = await freshStore(client)
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store, policy: testPolicy })
    await leaveTraces(vault)
    for (const name of [leaver, leaverContext.correlationId]) expect(await auditLists(prefix)).toContain(name)
    await vault.operator(operatorPrincipal).eraseOwner(leaver, { trail: 'pseudonymise' })
    for (const name of [leaver, leaverContext.correlationId]) expect(await auditLists(prefix)).not.toContain(name)
    expect((await tracesIn(store)).left).toEqual([])
    expect(await vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
    await vault.close()
  })
})
