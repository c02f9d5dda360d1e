// Whether a server keeps what it acknowledged: it is on its disk, and is not evicted.
import { VaultError } from '@mcpvault/core'
import type { RedisClient, RedisNode } from './client.ts'
import { listOf, textOf } from './engine.ts'

/**
 * Throws `VAULT_CONFIG_INVALID` unless every master fsyncs its append-only file with each write, and removes nothing
 * when its memory is full.
 */
export async function refuseUndurable(client: RedisClient): Promise<void> {
  const nodes = client.isCluster === true ? (client.nodes?.('master') ?? []) : [client]
  for (const node of nodes) {
    const settings = await settingsOf(node)
    if (settings?.appendonly !== 'yes' || settings.appendfsync !== 'always') throw refusal(mayLoseWrites)
    // Some policies evict only keys that expire: locks, and the results that tell a repeated write from a new one.
    if (settings.maxmemory !== '0' && settings['maxmemory-policy'] !== 'noeviction') throw refusal(mayEvict)
  }
}

const names = ['appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy'] as const

type Settings = Readonly<Record<(typeof names)[number], string | undefined>>

/** Undefined for a server that does not show its configuration. */
async function settingsOf(node: RedisNode): Promise<Settings | undefined> {
  const setting = async (name: (typeof names)[number]): Promise<string | undefined> =>
    textOf(listOf(await node.callBuffer('CONFIG', 'GET', name))[1])
  try {
    const [appendonly, appendfsync, maxmemory, policy] = await Promise.all(names.map(setting))
    return { appendonly, appendfsync, maxmemory, 'maxmemory-policy': policy }
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}

const mayLoseWrites = 'Redis may lose acknowledged writes unless it shows appendonly yes and appendfsync always.'
const mayEvict = 'Redis may remove secrets when its memory is full, unless its maxmemory-policy is noeviction.'

function refusal(reason: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', {
    field: 'durability',
    detail: `${reason} Set durability to 'best-effort' to accept that.`,
  })
}

/** Throws `VAULT_CONFIG_INVALID` for a client of one node of a cluster: scripts would use keys of other nodes. */
export async function refuseWrongClient(client: RedisClient): Promise<void> {
  if (client.isCluster === true) return
  const info = textOf(await client.callBuffer('INFO', 'cluster')) ?? ''
  if (!info.includes('cluster_enabled:1')) return
  throw new VaultError('VAULT_CONFIG_INVALID', {
    field: 'client',
    detail: 'must be a client of the cluster, since the server is one of its nodes.',
  })
}
