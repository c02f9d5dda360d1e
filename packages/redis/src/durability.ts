// Whether a server may be a system of record: it must have written what it acknowledges to its disk.
import { VaultError } from '@mcpvault/core'
import type { RedisClient, RedisNode } from './client.ts'
import { listOf, textOf } from './engine.ts'

/** Throws `VAULT_CONFIG_INVALID` unless every master fsyncs its append-only file with each write. */
export async function refuseUndurable(client: RedisClient): Promise<void> {
  const nodes = client.isCluster === true ? (client.nodes?.('master') ?? []) : [client]
  for (const node of nodes) if (!(await isDurable(node))) throw undurable()
}

async function isDurable(node: RedisNode): Promise<boolean> {
  try {
    const [, appendonly] = listOf(await node.callBuffer('CONFIG', 'GET', 'appendonly'))
    const [, appendfsync] = listOf(await node.callBuffer('CONFIG', 'GET', 'appendfsync'))
    return textOf(appendonly) === 'yes' && textOf(appendfsync) === 'always'
  } catch (error) {
    // A server that does not show its configuration cannot be believed to be durable.
    if (error instanceof Error && error.name === 'ReplyError') return false
    throw error
  }
}

function undurable(): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', {
    field: 'durability',
    detail:
      "Redis may lose acknowledged writes unless it shows appendonly yes and appendfsync always. Say durability: 'best-effort' to accept that.",
  })
}

/** A cluster's node takes a client of the cluster; with another one, scripts would meet keys of other nodes. */
export async function refuseWrongClient(client: RedisClient): Promise<void> {
  if (client.isCluster === true) return
  const info = textOf(await client.callBuffer('INFO', 'cluster')) ?? ''
  if (!info.includes('cluster_enabled:1')) return
  throw new VaultError('VAULT_CONFIG_INVALID', {
    field: 'client',
    detail: 'This server is a node of a cluster. Give the store a client of the cluster.',
  })
}
