// What a user leaves outside of its own secrets: permissions, its name in the secrets of others, and events.
import type { AuditRow, StoredSecret, Vault, VaultStore } from '@mcpvault/core'

/** The user, and what the trail says of where its calls came from. */
export const leaver = 'zoe@example.com'
export const leaverContext = Object.freeze({
  sourceIp: '203.0.113.77',
  userAgent: 'agent-of-zoe/1.0',
  correlationId: 'call-of-zoe',
})
const othersContext = Object.freeze({
  sourceIp: '198.51.100.9',
  userAgent: 'agent-of-bob',
  correlationId: 'bob-1',
})

const server = 'github'

/** Lets the user leave traces of every kind; bob's `shared`, `left` and `deleted` have a value `2` of it. */
export async function leaveTraces(vault: Vault): Promise<void> {
  const session = vault.as({ id: leaver }, leaverContext)
  const bob = vault.as({ id: 'bob' }, othersContext).scope({ server })
  await session.scope({ server }).set('token', 'own')
  await session.scope({ server: 'slack' }).set('token', 'own')
  const inBobs = session.scope({ owner: 'bob', server })
  for (const name of ['shared', 'left', 'deleted']) {
    await bob.set(name, '1')
    await bob.share(name, { with: leaver, permission: 'admin' })
    await inBobs.set(name, '2')
    await inBobs.share(name, { with: 'carol', permission: 'read' })
  }
  // Without a permission of the user's own, no list names it any more.
  for (const name of ['left', 'deleted']) await bob.unshare(name, { with: leaver })
  await bob.delete('deleted')
  await vault.as({ id: 'carol' }, othersContext).scope({ owner: 'bob', server }).get('shared')
}

/** Which traces of the user a store still has; `known` are those of others, which must stay. */
export async function tracesIn(store: VaultStore): Promise<{ readonly left: string[]; readonly known: string[] }> {
  const text = await storedText(store)
  const found = (traces: readonly string[]): string[] => traces.filter((trace) => text.includes(trace))
  return { left: found([leaver, ...Object.values(leaverContext)]), known: found(Object.values(othersContext)) }
}

/** All that a store of a small vault says in readable form. */
async function storedText(store: VaultStore): Promise<string> {
  const limit = 1_000
  const secrets: readonly StoredSecret[] = await store.secrets.list({ limit })
  const keys = await store.dataKeys.list({ limit })
  const streams = await store.audit.streams({ limit })
  const rows = await Promise.all(
    streams.map(({ stream }) => store.audit.readStream(stream, { limit, afterSequence: -1 })),
  )
  const events = rows.flat().map(({ body, columns }: AuditRow) => [Buffer.from(body).toString('utf8'), columns])
  return JSON.stringify([secrets, keys, events])
}
