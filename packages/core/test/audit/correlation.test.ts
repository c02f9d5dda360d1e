// Correlation ids follow the call, across awaits and in parallel.
import { setImmediate } from 'node:timers/promises'
import { testVault } from '@mcpvault/testkit/vaults'
import { expect, it } from 'vitest'
import { currentCorrelationId, withCorrelation } from '../../src/audit/index.ts'

it('[T51] is the same everywhere in one call, and each call has its own', async () => {
  const seen = await Promise.all(
    ['a', 'b', 'c'].map((id) =>
      withCorrelation(id, async () => {
        const before = currentCorrelationId()
        await setImmediate()
        return [before, currentCorrelationId()]
      }),
    ),
  )
  expect(seen).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
  ])
  expect(currentCorrelationId()).toBeUndefined()
})

it('[T51] is the innermost one, and the outer one comes back', () => {
  withCorrelation('outer', () => {
    expect(withCorrelation('inner', () => currentCorrelationId())).toBe('inner')
    expect(currentCorrelationId()).toBe('outer')
  })
})

it('refuses an id that is no string', () => {
  expect(() => withCorrelation(7 as never, () => undefined)).toThrow(new TypeError('A correlation id is a string.'))
})

it.each([
  ['a\0b', 'a?b'],
  ['a\nb', 'a?b'],
  ['\ud800', '?'],
  ['', '-'],
  ['x'.repeat(257), 'x'.repeat(256)],
])('is made to fit an event: %j', (id, kept) => {
  const { vault } = testVault()
  expect(withCorrelation(id, () => vault.as({ id: 'alice' })).context.correlationId).toBe(kept)
})
