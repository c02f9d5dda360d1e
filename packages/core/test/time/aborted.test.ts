// The end of calls: told by a signal, or by options that make one only when it is read.
import { describe, expect, it } from 'vitest'
import { abort, abortedWith, isAborted, lazyAbortable, onAborted, untilAborted } from '../../src/time/aborted.ts'

const never = new Promise<never>(() => {})
const late = new Error('late')
const later = new Error('later')

/** Options whose call can be ended, and how. */
const kinds: readonly (readonly [string, () => { readonly options: object; readonly end: (reason: Error) => void }])[] =
  [
    [
      'a signal',
      () => {
        const controller = new AbortController()
        return { options: { signal: controller.signal }, end: (reason) => controller.abort(reason) }
      },
    ],
    [
      'options that make no signal',
      () => {
        const options = lazyAbortable()
        return { options, end: (reason) => abort(options, reason) }
      },
    ],
    [
      'a copy of such options',
      () => {
        const source = lazyAbortable()
        return { options: abortedWith({ limit: 1 }, source), end: (reason) => abort(source, reason) }
      },
    ],
  ]

describe.each(kinds)('%s', (_kind, make) => {
  it('tells listeners of its end, with the first reason alone', () => {
    const { options, end } = make()
    const heard: unknown[] = []
    onAborted(options, (reason) => heard.push(reason))
    expect(isAborted(options)).toBe(false)
    end(late)
    end(later)
    expect(isAborted(options)).toBe(true)
    expect(heard).toEqual([late])
  })

  it('tells who comes after the end at once', () => {
    const { options, end } = make()
    end(late)
    const heard: unknown[] = []
    onAborted(options, (reason) => heard.push(reason))()
    expect(heard).toEqual([late])
  })

  it('tells nobody who has left', () => {
    const { options, end } = make()
    const heard: unknown[] = []
    onAborted(options, (reason) => heard.push(reason))()
    end(late)
    expect(heard).toEqual([])
  })

  it('ends a wait, before or during the work', async () => {
    const { options, end } = make()
    const waiting = untilAborted(never, options)
    end(late)
    await expect(waiting).rejects.toBe(late)
    await expect(untilAborted(never, options)).rejects.toBe(late)
  })

  it('leaves a wait that ends first as it ends', async () => {
    const { options } = make()
    expect(await untilAborted(Promise.resolve(7), options)).toBe(7)
    await expect(untilAborted(Promise.reject(late), options)).rejects.toBe(late)
  })
})

describe('options that make no signal', () => {
  it('make one when it is read, before or after the end', () => {
    const early = lazyAbortable()
    const { signal } = early
    abort(early, late)
    expect([signal.aborted, signal.reason]).toEqual([true, late])
    const ended = lazyAbortable()
    abort(ended, late)
    expect([ended.signal.aborted, ended.signal.reason]).toEqual([true, late])
  })

  it('share one signal with their copies', () => {
    const source = lazyAbortable()
    expect(abortedWith({}, source).signal).toBe(source.signal)
  })

  it('obey another signal once they are spread with it', () => {
    const source = lazyAbortable()
    const other = new AbortController()
    const mixed = { ...abortedWith({ limit: 1 }, source), signal: other.signal }
    abort(source, late)
    expect(isAborted(mixed)).toBe(false)
    other.abort(later)
    expect(isAborted(mixed)).toBe(true)
  })
})

it('without options there is no end', async () => {
  expect(isAborted(undefined)).toBe(false)
  expect(isAborted({})).toBe(false)
  onAborted(undefined, () => {
    throw late
  })()
  expect(await untilAborted(Promise.resolve(7), undefined)).toBe(7)
})
