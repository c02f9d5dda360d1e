// A waiting list: first come first served, each wait with an end, and nothing that is given gets lost.
import { expect, it } from 'vitest'
import { manualClock } from '../../src/testing/index.ts'
import { waitingList } from '../../src/time/waiting-list.ts'

function setUp() {
  const clock = manualClock()
  const returned: string[] = []
  const list = waitingList<string>((thing) => void returned.push(thing))
  const next = (signal?: AbortSignal) =>
    list.next({ clock, limitMs: 1_000, signal, timeoutError: () => new Error('too late') })
  return { clock, list, next, returned }
}

it('gives each thing to the one who waits longest, and says when nobody does', async () => {
  const { list, next } = setUp()
  expect(list.give('early')).toBe(false)
  const waits = [next(), next()]
  expect(['a', 'b', 'c'].map((thing) => list.give(thing))).toEqual([true, true, false])
  expect(await Promise.all(waits)).toEqual(['a', 'b'])
})

it('ends a wait at its limit, and gives nothing to who has stopped waiting', async () => {
  const { clock, list, next, returned } = setUp()
  const wait = next()
  clock.advance(1_000)
  await expect(wait).rejects.toThrow('too late')
  expect(list.give('a')).toBe(false)
  expect(returned).toEqual([])
})

it('ends a wait with the reason of its signal, also of one that is aborted already', async () => {
  const { list, next } = setUp()
  const controller = new AbortController()
  const wait = next(controller.signal)
  controller.abort(new Error('enough'))
  await expect(wait).rejects.toThrow('enough')
  await expect(next(controller.signal)).rejects.toThrow('enough')
  expect(list.give('a')).toBe(false)
})

it.each([
  ['at its limit', (clock: { advance(ms: number): void }) => clock.advance(1_000)],
  ['by its signal', (_clock: unknown, controller: AbortController) => controller.abort(new Error('enough'))],
])('takes back what was given in the tick in which the wait ended %s', async (_way, end) => {
  const { clock, list, next, returned } = setUp()
  const controller = new AbortController()
  const wait = next(controller.signal)
  expect(list.give('a')).toBe(true)
  end(clock, controller)
  await expect(wait).rejects.toThrow()
  expect(returned).toEqual(['a'])
})

it('does not take back what has arrived', async () => {
  const { clock, list, next, returned } = setUp()
  const controller = new AbortController()
  const wait = next(controller.signal)
  list.give('a')
  expect(await wait).toBe('a')
  controller.abort()
  clock.advance(1_000)
  expect(returned).toEqual([])
})
