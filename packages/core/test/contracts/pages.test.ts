// Pages of a list: all of it once, one page at a time, until the caller has enough.
import { fc } from '@mcpvault/testkit/property'
import { expect, it } from 'vitest'
import { pagesOf } from '../../src/contracts/index.ts'

/** A list of numbers, and what was asked of it. */
function listOf(count: number, limit: number) {
  const asked: (number | undefined)[] = []
  const items = Array.from({ length: count }, (_, index) => index)
  return {
    asked,
    items,
    next(last: number | undefined): readonly number[] {
      asked.push(last)
      const start = last === undefined ? 0 : last + 1
      return items.slice(start, start + limit)
    },
  }
}

async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<(readonly T[])[]> {
  const all: (readonly T[])[] = []
  for await (const page of pages) all.push(page)
  return all
}

it('have every item once and none of them is empty, at any length', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 12 }), async (count, limit) => {
      const list = listOf(count, limit)
      const pages = await collect(pagesOf(list.next, { limit }))
      expect(pages.flat()).toEqual(list.items)
      expect(pages.every((page) => page.length > 0)).toBe(true)
      expect(list.asked).toHaveLength(Math.floor(count / limit) + 1)
    }),
  )
})

it('begin after the last item of the page before', async () => {
  const { asked, next } = listOf(5, 2)
  await collect(pagesOf(async (last: number | undefined) => next(last), { limit: 2 }))
  expect(asked).toEqual([undefined, 1, 3])
})

it('are read when they are wanted', async () => {
  const { asked, next } = listOf(50, 2)
  for await (const page of pagesOf(next, { limit: 2 })) if (page.includes(3)) break
  expect(asked).toEqual([undefined, 1])
})

it('end by the signal, with its reason', async () => {
  const { asked, next } = listOf(50, 2)
  const controller = new AbortController()
  const reason = new Error('enough')
  const walk = async (): Promise<void> => {
    for await (const _ of pagesOf(next, { limit: 2, signal: controller.signal })) controller.abort(reason)
  }
  await expect(walk()).rejects.toBe(reason)
  expect(asked).toEqual([undefined])
})

it('leave other work its turn', async () => {
  const { next } = listOf(6, 2)
  let turns = 0
  for await (const page of pagesOf(next, { limit: 2 })) {
    expect(turns).toBe((page[0] ?? 0) / 2)
    setImmediate(() => {
      turns += 1
    })
  }
})
