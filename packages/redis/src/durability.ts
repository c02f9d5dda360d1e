// Whether a server keeps what it acknowledged: it is on its disk, and was not evicted.
import { VaultError } from '@mcpvault/core'
import type { RedisClient, RedisNode } from './client.ts'
import { listOf, senderOf, textOf } from './replies.ts'

/**
 * Throws `VAULT_CONFIG_INVALID` unless every master fsyncs its append-only file with each write, and evicts nothing when
 * its memory is full. Throws `VAULT_STORE_FAILED` when one has evicted keys.
 */
export async function refuseUndurable(client: RedisClient): Promise<void> {
  await Promise.all(mastersOf(client).map(refuseNode))
}

function mastersOf(client: RedisClient): readonly RedisNode[] {
  if (client.isCluster !== true) return [client]
  const nodes = client.nodes?.('master') ?? []
  if (nodes.length > 0) return nodes
  throw new VaultError('VAULT_STORE_FAILED', { detail: 'The client does not know the nodes of the cluster yet.' })
}

async function refuseNode(node: RedisNode): Promise<void> {
  const [settings, stats] = await Promise.all([settingsOf(node), infoOf(node, 'stats')])
  if (settings?.appendonly !== 'yes' || settings.appendfsync !== 'always') throw refusal(mayLoseWrites)
  // Some policies evict only keys that expire: locks, and the results that tell a repeated write from a new one.
  if (settings.maxmemory !== '0' && settings['maxmemory-policy'] !== 'noeviction') throw refusal(mayEvict)
  if (/^evicted_keys:[1-9]/m.test(stats)) {
    throw new VaultError('VAULT_STORE_FAILED', { field: 'durability', detail: hasEvicted, retryable: false })
  }
}

const names = ['appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy'] as const

type Settings = Readonly<Record<(typeof names)[number], string | undefined>>

/** Undefined for a server that does not show its configuration. */
async function settingsOf(node: RedisNode): Promise<Settings | undefined> {
  const send = senderOf(node)
  const setting = async (name: (typeof names)[number]): Promise<string | undefined> =>
    textOf(listOf(await send('CONFIG', 'GET', name))[1])
  try {
    const [appendonly, appendfsync, maxmemory, policy] = await Promise.all(names.map(setting))
    return { appendonly, appendfsync, maxmemory, 'maxmemory-policy': policy }
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}

async function infoOf(node: RedisNode, section: 'stats' | 'cluster'): Promise<string> {
  return textOf(await senderOf(node)('INFO', section)) ?? ''
}

const mayLoseWrites = 'Redis may lose acknowledged writes unless it shows appendonly yes and appendfsync always.'
const mayEvict = 'Redis may remove secrets when its memory is full, unless its maxmemory-policy is noeviction.'
const hasEvicted =
  'Redis evicted keys when its memory was full, so secrets may be gone. Restore its backup, and then set its counter ' +
  'evicted_keys back with CONFIG RESETSTAT.'

function refusal(reason: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', {
    field: 'durability',
    detail: `${reason} Set durability to 'best-effort' to accept that.`,
  })
}

/** Throws `VAULT_CONFIG_INVALID` for a client of one node of a cluster: scripts would use keys of other nodes. */
export async function refuseWrongClient(client: RedisClient): Promise<void> {
  if (client.isCluster === true) return
  const info = await infoOf(client, 'cluster')
  if (!info.includes('cluster_enabled:1')) return
  throw new VaultError('VAULT_CONFIG_INVALID', {
    field: 'client',
    detail: 'must be a client of the cluster, since the server is one of its nodes.',
  })
}
