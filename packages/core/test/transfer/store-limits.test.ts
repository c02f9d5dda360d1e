// A store that stops answering ends a copy, a restore and a verification in time, wherever it stops.
import { describe, expect, it } from 'vitest'
import { restore, verifyBackup } from '../../src/backup/index.ts'
import type { VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { faultStore, manualClock } from '../../src/testing/index.ts'
import { hang, interceptStore } from '../../src/testing/intercept.ts'
import type { Clock } from '../../src/time/index.ts'
import { copyVault } from '../../src/transfer/copy-vault.ts'
import { archived, keys, livedIn, sourceOf } from '../backup/archives.ts'

interface Work {
  readonly to: VaultStore
  readonly limits?: { readonly storeMs?: number }
  readonly clock?: Clock
  readonly signal?: AbortSignal
}

const source = await livedIn()
const { bytes } = await archived(source)
const works: readonly [string, (work: Work) => Promise<unknown>][] = [
  ['copyVault', (work) => copyVault({ from: source, ...work })],
  ['restore', (work) => restore({ from: sourceOf(bytes), keys, ...work })],
  ['verifyBackup', ({ to, ...work }) => verifyBackup({ from: sourceOf(bytes), keys, into: to, ...work })],
]

const failedInTime = /^VAULT_(STORE|AUDIT)_FAILED$/

describe.each(works)('%s', (_, run) => {
  it('ends wherever its target hangs, and goes on in the next run', async () => {
    const counted = faultStore(memoryStore(), { failAt: 0, mode: 'hang' })
    await run({ to: counted })
    expect(counted.operations).toBeGreaterThan(10)
    for (let failAt = 1; failAt <= counted.operations; failAt += 1) {
      const to = memoryStore()
      const clock = manualClock()
      const faulty = faultStore(to, { failAt, mode: 'hang', onHang: () => clock.advance(1_000) })
      const failure = await run({ to: faulty, clock, limits: { storeMs: 1_000 } }).then(
        () => undefined,
        (error: unknown) => error,
      )
      // Everything is there by then but for the checkpoint of the trail.
      if (failure === undefined) expect(faulty.failed).toMatch(/^audit\.(streams|putCheckpoint)$/)
      else expect(failure).toMatchObject({ code: expect.stringMatching(failedInTime), retryable: true })
      await run({ to })
    }
  })

  it('is ended by its signal while its target hangs', async () => {
    const controller = new AbortController()
    const to = interceptStore(memoryStore(), () => {
      controller.abort(new Error('enough'))
      return hang(undefined)
    })
    await expect(run({ to, signal: controller.signal })).rejects.toThrow('enough')
  })

  it.each<[object, string]>([
    [{ storeMs: 0 }, 'limits.storeMs'],
    [{ storeMs: 600_001 }, 'limits.storeMs'],
    [{ storeMs: '5' }, 'limits.storeMs'],
    [{ storems: 5 }, 'limits.storems'],
  ])('refuses the limits %j', async (limits, field) => {
    const failure = run({ to: memoryStore(), limits })
    await expect(failure).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field })
  })
})
