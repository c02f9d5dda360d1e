// Bounded concurrency keeps the order of results, its bound, and what ends it.
import { describe, expect, it } from 'vitest'
import { mapConcurrent } from '../../src/time/index.ts'

const items = Array.from({ length: 25 }, (_, index) => index)

/** Work that counts how much of it is under way, and ends in an order of its own. */
function countedWork() {
  let underWay = 0
  let maxUnderWay = 0
  const begun: number[] = []
  const work = async (item: number): Promise<number> => {
    begun.push(item)
    underWay += 1
    maxUnderWay = Math.max(maxUnderWay, underWay)
    for (let turns = 1 + (item % 3); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve))
    underWay -= 1
    return item * 2
  }
  return { work, begun, peak: () => maxUnderWay, underWay: () => underWay }
}

describe('mapConcurrent', () => {
  it.each([1, 4, 100])('gives results in the order of the items, at most %i at a time', async (limit) => {
    const { work, peak } = countedWork()
    expect(await mapConcurrent(items, { limit }, work)).toEqual(items.map((item) => item * 2))
    expect(peak()).toBe(Math.min(limit, items.length))
  })

  it('takes no items and plain answers', async () => {
    expect(await mapConcurrent([], { limit: 4 }, String)).toEqual([])
    expect(await mapConcurrent([1, 2], { limit: 4 }, String)).toEqual(['1', '2'])
  })

  it('begins nothing after a failure, and throws it when the rest has ended', async () => {
    const { work, begun, underWay } = countedWork()
    const failure = new Error('the fifth')
    const failing = async (item: number): Promise<number> => {
      if (item === 4) throw failure
      return work(item)
    }
    await expect(mapConcurrent(items, { limit: 3 }, failing)).rejects.toBe(failure)
    expect(underWay()).toBe(0)
    expect(begun.length).toBeLessThan(8)
  })

  it('begins nothing once its signal is aborted', async () => {
    const { work, begun } = countedWork()
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborting = async (item: number): Promise<number> => {
      if (item === 2) controller.abort(reason)
      return work(item)
    }
    await expect(mapConcurrent(items, { limit: 1, signal: controller.signal }, aborting)).rejects.toBe(reason)
    expect(begun).toEqual([0, 1, 2])
  })
})
