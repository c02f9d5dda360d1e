// Ordered lists agree with sorting everything, for any order of writes.
import { fc } from '@mcpvault/testkit/property'
import { expect, test } from 'vitest'
import { compareUtf8 } from '../../src/bytes/index.ts'
import { compareCreated } from '../../src/stores/memory/order.ts'
import { sortedIndex } from '../../src/stores/memory/sorted-index.ts'

test('a list is what its writes leave, in order, from any position and in both directions', () => {
  const step = fc.record({ kind: fc.constantFrom('set', 'delete'), position: fc.nat(20), value: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: -1, max: 21 }), (steps, from) => {
      const index = sortedIndex<{ position: number }, { position: number; value: number }>(
        (a, b) => a.position - b.position,
      )
      const model = new Map<number, number>()
      for (const { kind, position, value } of steps) {
        if (kind === 'set') {
          index.set('list', { position, value })
          model.set(position, value)
        } else {
          index.delete('list', { position })
          model.delete(position)
        }
      }
      const sorted = [...model]
        .map(([position, value]) => ({ position, value }))
        .sort((a, b) => a.position - b.position)
      expect([...index.ascending('list')]).toEqual(sorted)
      expect([...index.descending('list')]).toEqual([...sorted].reverse())
      const above = sorted.filter(({ position }) => position > from)
      const below = sorted.filter(({ position }) => position < from)
      expect([...index.ascending('list', { position: from })]).toEqual(above)
      expect([...index.descending('list', { position: from })]).toEqual(below.reverse())
      expect([...index.ascending('another')]).toEqual([])
      expect([...index.descending('another')]).toEqual([])
    }),
  )
})

test('text is ordered as its UTF-8 bytes are', () => {
  const text = fc.string({ unit: 'binary', maxLength: 5 })
  const awkward = fc.constantFrom('', '\uD7FF', '\uE000', '\uFFFF', '\u{10000}', '\u{10FFFF}', 'a\uE000', 'a\u{10000}')
  fc.assert(
    fc.property(fc.oneof(text, awkward), fc.oneof(text, awkward), (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test('records are ordered by time and then by id', () => {
  const at = (milliseconds: number, id: string) => ({ createdAt: new Date(milliseconds), id })
  expect(compareCreated(at(1, 'b'), at(2, 'a'))).toBeLessThan(0)
  expect(compareCreated(at(2, 'a'), at(2, 'b'))).toBeLessThan(0)
  expect(compareCreated(at(2, 'b'), at(2, 'b'))).toBe(0)
})
