// A Redis cluster of three masters, each a process of its own.
import { loopback } from '../ports.ts'
import { until } from '../until.ts'
import { type RedisServer, startRedis } from './redis.ts'

export interface RedisCluster {
  /** Three masters with a third of the slots each. */
  readonly nodes: readonly RedisServer[]
  /** Moves a slot with its keys, and runs `underway` while it is at both nodes: the state in which clients see ASK. */
  moveSlot(move: SlotMove): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export interface SlotMove {
  readonly slot: number
  /** Places in `nodes`. */
  readonly from: number
  readonly to: number
  underway?(): Promise<void>
}

const slots = 16_384
const masters = 3

/** Starts three servers and joins them. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' }
  const nodes = await Promise.all(Array.from({ length: masters }, () => startRedis({ settings })))
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())))
  try {
    await join(nodes)
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, moveSlot: (move) => moveSlot(nodes, move), stop }
}

async function join(nodes: readonly RedisServer[]): Promise<void> {
  const [first] = nodes
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.floor((part * slots) / masters))
    await node.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? slots) - 1))
    await node.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    if (node !== first) await first?.call('CLUSTER', 'MEET', loopback, String(node.port))
  }
  for (const node of nodes) await until(() => isWhole(node), { what: 'A Redis cluster that is whole' })
}

async function isWhole(node: RedisServer): Promise<boolean> {
  const info = String(await node.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${masters}`)
}

async function moveSlot(nodes: readonly RedisServer[], { slot, from, to, underway }: SlotMove): Promise<void> {
  const [source, target] = [nodes[from], nodes[to]]
  if (source === undefined || target === undefined) throw new RangeError('There is no such node.')
  const [sourceId, targetId] = await Promise.all(
    [source, target].map(async (node) => String(await node.call('CLUSTER', 'MYID'))),
  )
  const set = (node: RedisServer, ...state: (string | undefined)[]) =>
    node.call('CLUSTER', 'SETSLOT', String(slot), ...state.map(String))
  await set(target, 'IMPORTING', sourceId)
  await set(source, 'MIGRATING', targetId)
  for (;;) {
    const keys = await source.call('CLUSTER', 'GETKEYSINSLOT', String(slot), '100')
    if (!Array.isArray(keys) || keys.length === 0) break
    await source.call('MIGRATE', target.host, String(target.port), '', '0', '5000', 'KEYS', ...keys.map(String))
  }
  await underway?.()
  for (const node of [target, source, ...nodes]) await set(node, 'NODE', targetId)
}
