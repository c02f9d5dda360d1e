// Whatever fails in whatever order, the trail verifies and holds every event that was acknowledged.
import { fc } from '@mcpvault/testkit/property'
import { expect, it } from 'vitest'
import type { AuditRow, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { bodiesOf, codeOf, numbered, rowsOf, settle, testTrail, verifyStore } from './support.ts'

type Fault = 'none' | 'before' | 'after' | 'hang' | 'hang-after'

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fault>('none') },
  { weight: 2, arbitrary: fc.constantFrom<Fault>('before', 'after', 'hang', 'hang-after') },
)

const step = fc.oneof(
  fc.record({ kind: fc.constant('record' as const), events: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    kind: fc.constant('write' as const),
    outcome: fc.constantFrom('applied', 'conflict', 'throws before', 'throws after'),
  }),
  fc.record({ kind: fc.constantFrom('settle' as const, 'flush' as const, 'checkpoint' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 70_000 }) }),
)

/** A store whose appends fail as told, one after another, and work afterwards. */
function faultyStore(
  faults: Fault[],
  options: { readonly transactions: boolean },
): { inner: VaultStore; store: VaultStore } {
  const inner = memoryStore({ supports: options })
  const append = async (rows: readonly AuditRow[]): Promise<'stored' | 'forked'> => {
    const next = faults.shift() ?? 'none'
    const answer = next === 'before' || next === 'hang' ? 'stored' : await inner.audit.append(rows)
    if (next === 'before' || next === 'after') throw new Error('The store fails.')
    return next === 'none' ? answer : new Promise(() => undefined)
  }
  return { inner, store: { ...inner, audit: { ...inner.audit, append } } }
}

it('[T47][S39] a trail verifies and holds each acknowledged event exactly once, under any failures', async () => {
  const scenario = fc.record({
    steps: fc.array(step, { maxLength: 25 }),
    faults: fc.array(fault, { maxLength: 12 }),
    batchRows: fc.integer({ min: 1, max: 5 }),
    checkpointEvents: fc.integer({ min: 1, max: 8 }),
    transactions: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, faults, batchRows, checkpointEvents, transactions }) => {
      const { inner, store } = faultyStore([...faults], { transactions })
      const { trail, clock, kept } = testTrail({ store, limits: { batchRows, checkpointEvents } })
      const acknowledged = new Set<number>()
      const never = new Set<number>()
      const open: Promise<unknown>[] = []
      let count = 0

      const record = (events: number): void => {
        const numbers = Array.from({ length: events }, () => ++count)
        const done = codeOf(trail.record(numbers.map(numbered)))
        open.push(
          done.then((result) => {
            if (typeof result === 'object') for (const n of numbers) acknowledged.add(n)
          }),
        )
      }

      const write = (outcome: string): void => {
        const number = ++count
        let committed = false
        const done = codeOf(
          trail.recordWith({
            event: numbered(number),
            async commit(rows) {
              if (outcome === 'throws before') throw new Error('lost')
              if (outcome === 'conflict') return false
              if (rows !== undefined) await inner.audit.append(rows)
              if (outcome === 'throws after') throw new Error('lost')
              committed = true
              return true
            },
            applied: (result) => result,
          }),
        )
        const isResolved = (result: unknown): boolean =>
          typeof result === 'object' && result !== null && 'resolved' in result
        open.push(
          done.then((result) => {
            if (isResolved(result) && committed) acknowledged.add(number)
            if (outcome === 'conflict' || outcome === 'throws before') never.add(number)
          }),
        )
      }

      for (const taken of steps) {
        if (taken.kind === 'record') record(taken.events)
        else if (taken.kind === 'write') write(taken.outcome)
        else if (taken.kind === 'wait') clock.advance(taken.ms)
        else if (taken.kind === 'settle') await settle()
        else open.push(codeOf(taken.kind === 'flush' ? trail.flush() : trail.checkpoint()))
      }
      let isClosed = false
      const closing = codeOf(trail.close()).then(() => {
        isClosed = true
      })
      for (let turn = 0; turn < 200 && !isClosed; turn++) {
        await settle()
        clock.advance(1_000)
      }
      await Promise.all([closing, ...open])

      const report = await verifyStore(inner, { checkpoints: kept })
      expect(report.problems).toEqual([])
      const told = bodiesOf(await rowsOf(inner)).filter(({ outcome }) => outcome !== 'intent')
      const counts = told.flatMap(({ count: n }) => (typeof n === 'number' ? [n] : []))
      expect(new Set(counts).size).toBe(counts.length)
      for (const n of acknowledged) expect(counts).toContain(n)
      for (const n of never) expect(counts).not.toContain(n)
    }),
    { numRuns: 150 },
  )
}, 60_000)
