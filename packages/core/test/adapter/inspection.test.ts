// When a store looks at its server, and what a look that fails changes.
import { describe, expect, test, vi } from 'vitest'
import { inspectionOf, type LookBefore } from '../../src/adapter/index.ts'
import { VaultError } from '../../src/index.ts'
import { manualClock } from '../../src/testing/index.ts'

describe('looks', () => {
  const setUp = (look: (before: LookBefore) => Promise<void>) => {
    const [clock, events] = [manualClock(), { connections: 1 }]
    return { clock, events, inspection: inspectionOf({ look, events, clock, logger: undefined, fields: {} }) }
  }

  test('are shared by calls that come together, and not waited for when the last one is recent', async () => {
    const look = vi.fn(async () => {})
    const { clock, inspection } = setUp(look)
    await Promise.all([inspection.beforeUse(), inspection.beforeUse(), inspection.beforeAbsence()])
    expect(look).toHaveBeenCalledOnce()
    clock.advance(5_000)
    expect(inspection.beforeUse()).toBeUndefined()
    expect(look).toHaveBeenCalledOnce()
    clock.advance(1)
    expect(inspection.beforeUse()).toBeUndefined()
    expect(look).toHaveBeenCalledTimes(2)
  })

  test('that do not reach the server change nothing', async () => {
    const look = vi.fn(async () => {})
    const { clock, inspection } = setUp(look)
    await inspection.beforeUse()
    look.mockRejectedValue(new Error('The connection is broken.'))
    clock.advance(6_000)
    inspection.beforeUse()
    await expect(inspection.beforeAbsence()).rejects.toThrow('The connection is broken.')
    expect(inspection.beforeUse()).toBeUndefined()
  })

  test('that are never answered end after 10 seconds, and the next call looks again', async () => {
    let signal: AbortSignal | undefined
    const look = vi.fn((before: LookBefore): Promise<void> => {
      signal = before.signal
      return new Promise(() => undefined)
    })
    const { clock, inspection } = setUp(look)
    const waiting = [inspection.beforeUse(), inspection.beforeAbsence()]
    clock.advance(10_000)
    for (const each of waiting) {
      await expect(each).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
    }
    expect(signal?.aborted).toBe(true)
    look.mockResolvedValue()
    await inspection.beforeUse()
    expect(look).toHaveBeenCalledTimes(2)
  })

  test('are made again after each connection', async () => {
    const look = vi.fn(async () => {})
    const { events, inspection } = setUp(look)
    await inspection.beforeUse()
    events.connections += 1
    await inspection.beforeUse()
    expect(look).toHaveBeenCalledTimes(2)
    expect(inspection.beforeUse()).toBeUndefined()
  })

  test('that refuse the server are made by every call until it is mended, with one warning, which may fail', async () => {
    const [look, clock] = [vi.fn(async () => {}), manualClock()]
    const warn = vi.fn(() => {
      throw new Error('The log is full.')
    })
    const events = { connections: 1 }
    const inspection = inspectionOf({ look, events, clock, logger: { warn }, fields: { store: 'mine' } })
    await inspection.beforeUse()
    look.mockRejectedValue(new VaultError('VAULT_CONFIG_INVALID', { field: 'durability' }))
    clock.advance(1_001)
    const refused = { code: 'VAULT_CONFIG_INVALID' }
    await expect(inspection.beforeAbsence()).rejects.toMatchObject(refused)
    await expect(inspection.beforeUse()).rejects.toMatchObject(refused)
    await expect(inspection.beforeUse()).rejects.toMatchObject(refused)
    expect(warn).toHaveBeenCalledExactlyOnceWith({ store: 'mine', ...refused }, expect.any(String))
    expect(look).toHaveBeenLastCalledWith(expect.objectContaining({ wasUsable: true }))
    look.mockResolvedValue()
    await inspection.beforeUse()
    expect(inspection.beforeUse()).toBeUndefined()
  })
})
