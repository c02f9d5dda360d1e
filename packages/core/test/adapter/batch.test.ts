// Calls are batched, each gets its own result, and a failing one does not affect the others.
import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { eventually } from '@mcpvault/testkit/eventually'
import { expect, test } from 'vitest'
import { batchCalls } from '../../src/adapter/batch.ts'

interface Sent {
  readonly items: readonly number[]
  readonly signal: AbortSignal | undefined
  answer(): void
  fail(error: Error): void
}

/** A server that answers when the test says so, with ten times each item. */
function slowServer(maxBatchSize = 8) {
  const sent: Sent[] = []
  const send = (items: readonly number[], signal: AbortSignal | undefined) =>
    new Promise<readonly number[]>((resolve, reject) => {
      sent.push({ items, signal, answer: () => resolve(items.map((item) => item * 10)), fail: reject })
    })
  const call = batchCalls<number, number>({
    maxBatchSize,
    loadOne: async (item, options) => (await send([item], options?.signal))[0] ?? Number.NaN,
    loadMany: (items, options) => send(items, options.signal),
    canSplit: (error) => error instanceof TypeError,
  })
  const sentItems = () => sent.map(({ items }) => items)
  return { sent, call, sentItems }
}

/** Two calls are under way, so that what follows is queued. */
async function busyServer(maxBatchSize?: number) {
  const server = slowServer(maxBatchSize)
  for (const item of [1, 2]) void server.call(item, {})
  await eventually(() => expect(server.sentItems()).toEqual([[1], [2]]))
  return server
}

test('a call without others goes at once', async () => {
  const { sent, call } = slowServer()
  const answer = call(7, {})
  expect(sent[0]?.items).toEqual([7])
  sent[0]?.answer()
  expect(await answer).toBe(70)
})

test('calls of one tick are batched behind the first', async () => {
  const { call, sentItems } = slowServer()
  for (const item of [1, 2, 3]) void call(item, {})
  await eventually(() => expect(sentItems()).toEqual([[1], [2, 3]]))
})

test('after a batch the next call waits one tick, until one comes alone again', async () => {
  const { sent, call, sentItems } = await busyServer()
  for (const item of [3, 4]) void call(item, {})
  for (const each of sent) each.answer()
  await eventually(() => expect(sentItems().at(-1)).toEqual([3, 4]))
  sent.at(-1)?.answer()
  await setImmediate()
  const batch = [5, 6].map((item) => call(item, {}))
  await eventually(() => expect(sentItems().at(-1)).toEqual([5, 6]))
  sent.at(-1)?.answer()
  await Promise.all(batch)
  const alone = call(7, {})
  await eventually(() => expect(sentItems().at(-1)).toEqual([7]))
  sent.at(-1)?.answer()
  await alone
  await setImmediate()
  void call(8, {})
  expect(sentItems().at(-1)).toEqual([8])
})

test('calls that come meanwhile are batched, and each gets its own result', async () => {
  const { sent, call, sentItems } = await busyServer()
  const later = [3, 4, 5].map((item) => call(item, {}))
  expect(sentItems()).toEqual([[1], [2]])
  sent[0]?.answer()
  await eventually(() => expect(sentItems()).toEqual([[1], [2], [3, 4, 5]]))
  sent[2]?.answer()
  expect(await Promise.all(later)).toEqual([30, 40, 50])
})

test('a batch is no larger than it may be', async () => {
  const { sent, call, sentItems } = await busyServer(2)
  for (const item of [3, 4, 5]) void call(item, {})
  sent[0]?.answer()
  await eventually(() => expect(sentItems()).toEqual([[1], [2], [3, 4], [5]]))
})

test('a batch that hangs holds up the others for a moment only', async () => {
  const { sent, call } = await busyServer()
  const later = call(3, {})
  await eventually(() => expect(sent).toHaveLength(3))
  sent[2]?.answer()
  expect(await later).toBe(30)
})

test('a call that is aborted does not affect the others', async () => {
  const { sent, call } = await busyServer()
  const controller = new AbortController()
  const [left, stayed] = [call(3, { signal: controller.signal }), call(4, { signal: new AbortController().signal })]
  left.catch(() => undefined)
  sent[0]?.answer()
  await eventually(() => expect(sent).toHaveLength(3))
  controller.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  expect(sent[2]?.signal?.aborted).toBe(false)
  sent[2]?.answer()
  expect(await stayed).toBe(40)
})

test('a call with an aborted signal is not sent', async () => {
  const { sent, call } = await busyServer()
  await expect(call(3, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  for (const each of sent) each.answer()
  const last = call(4, {})
  await eventually(() => expect(sent.at(-1)?.items).toEqual([4]))
  sent.at(-1)?.answer()
  expect(await last).toBe(40)
})

test('a call that is aborted while it waits is never sent', async () => {
  const { sent, call, sentItems } = await busyServer()
  const controller = new AbortController()
  const left = call(3, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  const next = call(4, {})
  sent[0]?.answer()
  await eventually(() => expect(sentItems()).toEqual([[1], [2], [4]]))
  sent[2]?.answer()
  expect(await next).toBe(40)
})

test('a batch that nobody waits for any more is called off', async () => {
  const { sent, call } = await busyServer()
  const controllers = [new AbortController(), new AbortController()]
  const calls = controllers.map(({ signal }, index) => call(index + 3, { signal }))
  for (const each of calls) each.catch(() => undefined)
  sent[0]?.answer()
  await eventually(() => expect(sent).toHaveLength(3))
  for (const controller of controllers) controller.abort(new Error('enough'))
  expect(sent[2]?.signal?.aborted).toBe(true)
})

test('after a refusal each is loaded alone, so that a failing one does not affect the others', async () => {
  const { sent, call } = await busyServer()
  const [good, bad] = [call(3, {}), call(4, {})]
  bad.catch(() => undefined)
  sent[0]?.answer()
  await eventually(() => expect(sent).toHaveLength(3))
  sent[2]?.fail(new TypeError('refused'))
  await eventually(() => expect(sent).toHaveLength(5))
  sent[3]?.answer()
  sent[4]?.fail(new TypeError('refused for itself'))
  expect(await good).toBe(30)
  await expect(bad).rejects.toThrow('refused for itself')
})

test('after a failure whose outcome is not known nothing is sent again', async () => {
  const { sent, call } = await busyServer()
  const later = [call(3, {}), call(4, {})]
  for (const each of later) each.catch(() => undefined)
  sent[0]?.answer()
  await eventually(() => expect(sent).toHaveLength(3))
  sent[2]?.fail(new Error('cut'))
  for (const each of later) await expect(each).rejects.toThrow('cut')
  expect(sent).toHaveLength(3)
})

test('signals that outlive their calls keep no listener', async () => {
  const { sent, call } = await busyServer()
  const { signal } = new AbortController()
  const later = [3, 4].map((item) => call(item, { signal }))
  sent[0]?.answer()
  await eventually(() => expect(sent).toHaveLength(3))
  sent[2]?.answer()
  await Promise.all(later)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
