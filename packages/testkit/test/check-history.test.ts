// The check of histories finds each thing that can be wrong, and nothing in a history that holds.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, test } from 'vitest'
import { type Answered, checkHistory, type Operation, type Unanswered } from '../src/history/index.ts'

/** An operation that takes from one moment to another. */
type Moments = readonly [invoked: number, answered: number]

const at = ([invoked, answered]: Moments) => ({ invokedNs: BigInt(invoked), answeredNs: BigInt(answered) })

function set(process: string, version: number, moments: Moments): Answered {
  return { process, kind: 'set', secret: 'token', version, value: `value ${version}`, ...at(moments) }
}

function get(process: string, version: number, moments: Moments): Answered {
  const value = version === 0 ? undefined : `value ${version}`
  return { process, kind: 'get', secret: 'token', version, value, ...at(moments) }
}

function unanswered(process: string, value: string, invoked: number): Unanswered {
  return { process, kind: 'unanswered', secret: 'token', value, invokedNs: BigInt(invoked) }
}

/** Two versions, written one after the other; every moment is below 100. */
const written = [set('a', 1, [0, 10]), set('a', 2, [20, 30])] as const

const rulesOf = (...history: readonly Operation[]) => checkHistory(history).map(({ rule }) => rule)

describe('the check of a history finds', () => {
  test('a reader that saw a newer version before', () => {
    const [first, second] = [get('b', 2, [21, 25]), get('b', 1, [26, 29])]
    expect(checkHistory([...written, first, second])).toEqual([
      { rule: 'went-back', secret: 'token', version: 1, operations: [first, second] },
    ])
  })

  test('a process that does not read its own write', () => {
    const read = get('a', 1, [40, 50])
    expect(checkHistory([...written, read])).toEqual([
      { rule: 'own-write', secret: 'token', version: 1, operations: [written[1], read] },
    ])
  })

  test('a read that began after the write of another process was answered and does not show it', () => {
    expect(rulesOf(...written, get('b', 1, [40, 50]))).toEqual(['stale'])
    expect(rulesOf(...written, get('b', 0, [40, 50]))).toEqual(['stale'])
  })

  test('a read that shows less than another process was shown before it began', () => {
    expect(rulesOf(...written, get('b', 2, [21, 25]), get('c', 1, [26, 29]))).toEqual(['stale'])
  })

  test('a write that got a lower version than one that was answered before', () => {
    expect(rulesOf(set('a', 2, [0, 10]), set('b', 1, [20, 30]))).toEqual(['late-write'])
  })

  test('a read of a version before its write began', () => {
    expect(rulesOf(set('a', 1, [0, 10]), get('b', 2, [12, 18]), set('a', 2, [20, 30]))).toEqual(['late-write'])
  })

  test('two writes that were given one version', () => {
    const other = { ...set('b', 2, [20, 30]), value: 'other' }
    expect(rulesOf(...written, other)).toEqual(['duplicate'])
  })

  test.each([
    ['of another version', 'value 1'],
    ['that nobody wrote', 'other'],
    ['that is absent', undefined],
  ])('a read with a value %s', (_what, value) => {
    expect(rulesOf(...written, { ...get('b', 2, [40, 50]), value })).toEqual(['other-value'])
  })

  test('a value where there is no version', () => {
    expect(rulesOf({ ...get('b', 0, [0, 10]), value: 'value 1' })).toEqual(['other-value'])
  })

  test('a version that nobody wrote', () => {
    const history = [...written, set('a', 4, [40, 50])]
    expect(checkHistory(history)).toEqual([{ rule: 'gap', secret: 'token', version: 3, operations: [] }])
  })

  test('more versions missing than writes without an answer', () => {
    const history = [...written, unanswered('b', 'lost', 31), set('a', 5, [40, 50])]
    expect(rulesOf(...history)).toEqual(['gap'])
  })

  test('a write without an answer that was made twice', () => {
    const twice = [3, 4].map((version) => ({ ...get('c', version, [40 + version, 40 + version]), value: 'lost' }))
    expect(rulesOf(...written, unanswered('b', 'lost', 31), ...twice)).toEqual(['other-value', 'gap'])
  })
})

describe('the check of a history accepts', () => {
  test('operations at the same time in either order', () => {
    expect(rulesOf(...written, get('b', 1, [15, 25]), get('c', 2, [21, 29]), get('b', 1, [22, 35]))).toEqual([])
    expect(rulesOf(set('a', 2, [0, 10]), set('b', 1, [5, 15]), get('b', 2, [16, 20]))).toEqual([])
  })

  test('a write without an answer, whether it has happened or not', () => {
    const lost = unanswered('b', 'lost', 31)
    expect(rulesOf(...written, lost)).toEqual([])
    expect(rulesOf(...written, lost, set('a', 4, [40, 50]))).toEqual([])
    expect(rulesOf(...written, lost, { ...get('c', 3, [40, 50]), value: 'lost' })).toEqual([])
  })

  test('each secret by itself', () => {
    expect(rulesOf(...written, { ...set('a', 1, [40, 50]), secret: 'other' })).toEqual([])
  })
})

/** What the processes do to two secrets, and for how long each operation runs before and after it takes effect. */
const commands = fc.array(
  fc.record({
    process: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('get' as const, 'set' as const),
    secret: fc.constantFrom('one', 'two'),
    before: fc.integer({ min: 1, max: 40 }),
    after: fc.integer({ min: 1, max: 40 }),
  }),
  { maxLength: 60 },
)

type Commands = typeof commands extends fc.Arbitrary<infer T> ? T : never

/** The history that a register gives which takes one operation every ten moments. */
function registerHistory(made: Commands): readonly Answered[] {
  const versions = new Map<string, number>()
  return made.map(({ process, kind, secret, before, after }, index) => {
    const version = (versions.get(secret) ?? 0) + (kind === 'set' ? 1 : 0)
    versions.set(secret, version)
    const moments = at([index * 10 - before, index * 10 + after])
    return { process, kind, secret, version, value: version === 0 ? undefined : `${secret} ${version}`, ...moments }
  })
}

describe('a history of a register', () => {
  test('holds, also where operations overlap', () => {
    const holds = fc.property(commands, (made) => {
      expect(checkHistory(registerHistory(made))).toEqual([])
    })
    fc.assert(holds)
  })

  test('does not hold when the answers of two operations that do not overlap are exchanged', () => {
    fc.assert(
      fc.property(commands, fc.nat(), fc.nat(), (made, one, two) => {
        const history = registerHistory(made.map((command) => ({ ...command, before: 1, after: 1 })))
        const [first, second] = [history[one % history.length], history[two % history.length]]
        fc.pre(first !== undefined && second !== undefined)
        fc.pre(first.secret === second.secret && first.version !== second.version)
        const answerOf = ({ version, value }: Answered) => ({ version, value })
        const exchanged = history.map((each) =>
          each === first ? { ...each, ...answerOf(second) } : each === second ? { ...each, ...answerOf(first) } : each,
        )
        expect(checkHistory(exchanged)).not.toEqual([])
      }),
    )
  })
})
