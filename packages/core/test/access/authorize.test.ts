// The authorize hook: it narrows, and every way of failing narrows too.
import { describe, expect, it } from 'vitest'
import { hookAllows } from '../../src/access/index.ts'
import type { AuthorizeHook, AuthorizeRequest } from '../../src/contracts/index.ts'
import { systemClock } from '../../src/time/index.ts'

const request: AuthorizeRequest = { principal: { id: 'alice' }, context: {}, operation: 'get' }
const ask = (hook: unknown, signal?: AbortSignal): Promise<boolean> =>
  hookAllows(request, { hook: hook as AuthorizeHook, clock: systemClock, limitMs: 20, signal }) // Wrong answers are the point.

describe('hookAllows', () => {
  it('allows without a hook', async () => expect(await ask(undefined)).toBe(true))

  const answers: readonly [string, unknown, boolean][] = [
    ['true', () => true, true],
    ['a promise of true', async () => true, true],
    ['false', () => false, false],
    ['a promise of false', async () => false, false],
    ['a truthy value', () => 1, false],
    ['nothing', () => undefined, false],
    [
      'an error',
      () => {
        throw new Error('down')
      },
      false,
    ],
    [
      'a rejection',
      async () => {
        throw new Error('down')
      },
      false,
    ],
    ['no answer in time', () => new Promise(() => {}), false],
  ]
  it.each(answers)('takes %s as the right answer', async (_, hook, allowed) => expect(await ask(hook)).toBe(allowed))

  it('is given the request as it is', async () => {
    let seen: unknown
    await ask((given: unknown) => {
      seen = given
      return true
    })
    expect(seen).toBe(request)
  })

  it('throws the reason of an aborted signal', async () => {
    const controller = new AbortController()
    const answer = ask(() => new Promise(() => {}), controller.signal)
    controller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })
})
