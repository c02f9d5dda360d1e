// Pages over ordered lists that may hold more than belongs there: what is found is looked at before it counts.
import type { Session } from './engine.ts'

export interface Walk<T> {
  /** The lists whose union is walked. */
  readonly keys: readonly string[]
  readonly direction: 'ascending' | 'descending'
  /** Members beyond this one, which need not exist; all when absent. */
  readonly beyond: string | undefined
  readonly limit: number
  /** What members stand for; undefined for one that does not count. */
  resolve(members: readonly Buffer[]): Promise<readonly (T | undefined)[]>
}

const leastBatch = 20
const mostBatch = 1_000

/** The first items beyond a place. The work is that of a page, as long as few members do not count. */
export async function walk<T>(session: Session, { keys, direction, beyond, limit, resolve }: Walk<T>): Promise<T[]> {
  const items: T[] = []
  let place: Buffer | undefined = beyond === undefined ? undefined : Buffer.from(beyond, 'utf8')
  let batch = Math.min(Math.max(limit, leastBatch), mostBatch)
  while (items.length < limit) {
    const range = { direction, place, count: batch }
    const lists = await Promise.all(keys.map((key) => rangeOf(session, { ...range, key })))
    const members = merged(lists, { direction, count: batch })
    for (const item of await resolve(members)) {
      if (item !== undefined && items.length < limit) items.push(item)
    }
    const last = members.at(-1)
    if (last === undefined || members.length < batch) break
    place = last
    batch = Math.min(batch * 2, mostBatch)
  }
  return items
}

interface Range {
  readonly key: string
  readonly direction: Walk<unknown>['direction']
  readonly place: Buffer | undefined
  readonly count: number
}

async function rangeOf(session: Session, { key, direction, place, count }: Range): Promise<Buffer[]> {
  const exclusive = place === undefined ? undefined : Buffer.concat([Buffer.from('('), place])
  const reply =
    direction === 'ascending'
      ? await session.command('ZRANGEBYLEX', key, exclusive ?? '-', '+', 'LIMIT', 0, count)
      : await session.command('ZREVRANGEBYLEX', key, exclusive ?? '+', '-', 'LIMIT', 0, count)
  return Array.isArray(reply) ? reply.filter((each) => Buffer.isBuffer(each)) : []
}

function merged(lists: readonly Buffer[][], { direction, count }: Pick<Range, 'direction' | 'count'>): Buffer[] {
  const [only] = lists
  if (lists.length === 1 && only !== undefined) return only
  const sign = direction === 'ascending' ? 1 : -1
  const sorted = lists.flat().sort((a, b) => sign * Buffer.compare(a, b))
  return sorted.filter((member, index) => !sorted[index - 1]?.equals(member)).slice(0, count)
}
