// Guarded calls: the caller's signal ends them, and what the driver throws leaves as the store's error.
import { expect, it } from 'vitest'
import { guardCalls } from '../../src/adapter/index.ts'
import { VaultError } from '../../src/errors/index.ts'

const guarded = guardCalls((cause) => new VaultError('VAULT_STORE_FAILED', { cause, retryable: false }))
const never = new Promise<never>(() => {})
const own = new Error('own')
const abandoned = new Error('abandoned')

it('give what the work gives, with and without a signal', async () => {
  expect(await guarded(undefined, async () => 7)).toBe(7)
  expect(await guarded({ signal: new AbortController().signal }, async () => 7)).toBe(7)
})

it.each([
  ['rejects', () => Promise.reject(own)],
  [
    'throws',
    () => {
      throw own
    },
  ],
])("reject with the store's error when the work %s", async (_how, work) => {
  await expect(guarded({}, work)).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false, cause: own })
})

it('do not begin once the signal is aborted', async () => {
  let begun = 0
  const work = async (): Promise<void> => {
    begun += 1
  }
  await expect(guarded({ signal: AbortSignal.abort(abandoned) }, work)).rejects.toBe(abandoned)
  expect(begun).toBe(0)
})

it('end with the reason of a signal that is aborted meanwhile', async () => {
  const controller = new AbortController()
  const waiting = guarded({ signal: controller.signal }, () => never)
  controller.abort(abandoned)
  await expect(waiting).rejects.toBe(abandoned)
})

it('end with the reason also when the work fails because of the signal', async () => {
  const controller = new AbortController()
  const failing = guarded({ signal: controller.signal }, async () => {
    controller.abort(abandoned)
    throw own
  })
  await expect(failing).rejects.toBe(abandoned)
})
