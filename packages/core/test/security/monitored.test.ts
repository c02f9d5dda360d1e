// What monitoring watches: each kind of use of secrets and keys makes an event of its own kind, once.
import { codeOf, operatorPrincipal, type TestVault, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { type AuditRecord, callbackSink } from '../../src/audit/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

const keys = { 'main#1': generateKey(), 'main#2': generateKey() }
const ref = { owner: 'alice', server: 'github', name: 'token' }

/** A vault with a secret of Alice's, and what its sink was given since. */
async function watched(): Promise<TestVault & { readonly kinds: () => readonly string[] }> {
  const store = memoryStore()
  const before = testVault({ store, keys: keyRing({ current: 'main#1', keys: { 'main#1': keys['main#1'] } }) })
  await before.scope('alice').set('token', 'of alice')
  await before.vault.close()
  const events: AuditRecord[] = []
  const sink = callbackSink((batch) => void events.push(...batch))
  const test = testVault({ store, keys: keyRing({ current: 'main#2', keys }), audit: { sinks: [sink] } })
  const kindOf = ({ event: { action, outcome, errorCode } }: AuditRecord): string =>
    [action, outcome, ...(errorCode === undefined ? [] : [errorCode])].join(' ')
  return { ...test, kinds: () => events.filter(({ event }) => event.action !== 'audit.opened').map(kindOf) }
}

async function alter({ store }: TestVault): Promise<void> {
  const record = await store.secrets.find(ref, 'all')
  if (record === undefined) throw new Error('the record is not there')
  const versions = record.versions.map((version) => ({
    ...version,
    ...(version.envelope && { envelope: version.envelope.with(-1, (version.envelope.at(-1) ?? 0) ^ 1) }),
  }))
  await store.secrets.put({ ...record, versions, revision: record.revision + 1 }, { ifRevision: record.revision })
}

const actions: readonly (readonly [string, string, (test: TestVault) => Promise<unknown>])[] = [
  [
    'an unauthorized attempt',
    'secret.accessed denied',
    async ({ scope }) => expect(await scope('alice', { id: 'mallory' }).get('token')).toBeUndefined(),
  ],
  [
    'a successful read',
    'secret.accessed allowed',
    async ({ scope }) => expect((await scope('alice').get('token'))?.reveal()).toBe('of alice'),
  ],
  [
    'a failed decryption',
    'secret.accessed failed VAULT_OPEN_FAILED',
    async (test) => {
      await alter(test)
      expect(await codeOf(test.scope('alice').get('token'))).toBe('VAULT_OPEN_FAILED')
    },
  ],
  [
    'a rotation of the master key',
    'key.rewrapped allowed',
    async ({ vault }) => expect(await vault.operator(operatorPrincipal).rewrap()).toMatchObject({ rewrapped: 2 }),
  ],
]

describe('monitoring', () => {
  it.each(actions)('[T35] sees %s as one event: %s', async (_, kind, act) => {
    const test = await watched()
    await act(test)
    await test.vault.close()
    expect(test.kinds()).toEqual([kind, 'audit.closed allowed'])
  })

  it('[T35] sees a new data key beside the write that needed it', async () => {
    const test = await watched()
    await test.scope('bob').set('token', 'of bob')
    await test.vault.close()
    expect(test.kinds().toSorted()).toEqual([
      'audit.closed allowed',
      'audit.closed allowed',
      'key.generated allowed',
      'secret.created allowed',
    ])
  })
})
