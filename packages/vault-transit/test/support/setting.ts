// A transit engine for tests: keys in a mount, tokens by policy, and what a provider is asked with.
import { randomBytes } from 'node:crypto'
import type { KeyProvider, KeyScope } from '@mcpvault/core'
import type { StoredBao } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'

export const scope: KeyScope = Object.freeze({
  vaultId: randomBytes(16),
  kind: 'values',
  server: 'github',
  owner: 'alice',
})

export function newDekId(): Buffer {
  return randomBytes(16)
}

/** Mounts an engine under a new path, with a derived key `mcpvault` and one that is not derived, `plain`. */
export async function mountTransit(bao: StoredBao): Promise<string> {
  const mount = `team/transit-${randomBytes(4).toString('hex')}`
  await bao.call('POST', `sys/mounts/${mount}`, { type: 'transit' })
  await bao.call('POST', `${mount}/keys/mcpvault`, { derived: true })
  await bao.call('POST', `${mount}/keys/plain`, {})
  return mount
}

/** The rules that suffice for a server, and with `rewrap` for an operator. */
export function rulesFor(mount: string, key = 'mcpvault'): string {
  const paths = ['datakey/plaintext', 'encrypt', 'decrypt', 'rewrap'].map(
    (operation) => `path "${mount}/${operation}/${key}" { capabilities = ["update"] }`,
  )
  return [`path "${mount}/keys/${key}" { capabilities = ["read"] }`, ...paths].join('\n')
}

/** A token that may do what the rules allow, for an hour unless another time is given. */
export async function newToken(
  bao: StoredBao,
  { rules, ttl = '1h' }: { rules: string; ttl?: string },
): Promise<string> {
  const name = `p-${randomBytes(4).toString('hex')}`
  await bao.call('PUT', `sys/policies/acl/${name}`, { policy: rules })
  const answer = await bao.call('POST', 'auth/token/create', { policies: [name], ttl, no_default_policy: true })
  // The answer of the token store, as its reference gives it.
  return (answer as { readonly auth: { readonly client_token: string } }).auth.client_token
}

/** One wrap of a data key of zeros. */
export async function wrapOf(provider: KeyProvider): Promise<Uint8Array> {
  const [record = new Uint8Array()] = await provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })
  return record
}

/** What a call comes to: `done`, or how its failure is classified. */
export async function outcomeOf(provider: KeyProvider, work: () => unknown): Promise<unknown> {
  try {
    await work()
    return 'done'
  } catch (error) {
    return provider.classify?.(error)
  }
}

/** Mounts a KV version 2 engine under a new path, and waits until it takes secrets. */
export async function mountKv(bao: StoredBao): Promise<string> {
  const mount = `team/kv-${randomBytes(4).toString('hex')}`
  await bao.call('POST', `sys/mounts/${mount}`, { type: 'kv', options: { version: '2' } })
  // A new engine makes itself ready first, and refuses meanwhile.
  await eventually(() => bao.call('GET', `${mount}/config`))
  return mount
}

/** Writes secrets by their paths, which stand in an address as they are. */
export async function putAll(bao: StoredBao, mount: string, secrets: Readonly<Record<string, object>>): Promise<void> {
  for (const [path, data] of Object.entries(secrets)) await bao.call('POST', `${mount}/data/${path}`, { data })
}

/** Everything that a source gives. */
export async function allOf<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const each of source) all.push(each)
  return all
}
