// Waiting for work that takes no signal ends by result, by failure or by the signal.
import { describe, expect, it } from 'vitest'
import { untilAborted } from '../../src/time/until-aborted.ts'

const never = new Promise<never>(() => undefined)
const reason = new Error('enough')

describe('untilAborted', () => {
  it.each([
    ['no signal', undefined],
    ['a signal', new AbortController().signal],
  ])('gives the result or the failure of the work, with %s', async (_name, signal) => {
    expect(await untilAborted(Promise.resolve(7), signal)).toBe(7)
    await expect(untilAborted(Promise.reject(reason), signal)).rejects.toBe(reason)
  })

  it('ends with the reason of the signal, also of one that is aborted already', async () => {
    const controller = new AbortController()
    const waiting = untilAborted(never, controller.signal)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(untilAborted(never, controller.signal)).rejects.toBe(reason)
  })

  it('ignores a result that comes after the end', async () => {
    let fail: (error: Error) => void = () => undefined
    const work = new Promise<never>((_, reject) => {
      fail = reject
    })
    const controller = new AbortController()
    const waiting = untilAborted(work, controller.signal)
    controller.abort(reason)
    fail(new Error('late'))
    await expect(waiting).rejects.toBe(reason)
  })
})
