// Checks what several processes saw and wrote: versions never go back, none is given twice or left out, none is lost.

interface Begun {
  readonly process: string
  readonly secret: string
  /** On a clock that all processes share. */
  readonly invokedNs: bigint
}

/** A read, with version 0 and no value for a secret that was not there, or a write that was acknowledged. */
export interface Answered extends Begun {
  readonly kind: 'get' | 'set'
  readonly version: number
  /** Each write has a value of its own, which tells the writes apart. */
  readonly value: string | undefined
  readonly answeredNs: bigint
}

/** A write whose answer never came: it has happened or not. */
export interface Unanswered extends Begun {
  readonly kind: 'unanswered'
  readonly value: string
}

export type Operation = Answered | Unanswered

/**
 * What can be wrong:
 * - `went-back`: a process read a version older than one it had read before;
 * - `own-write`: a process read a version older than one it had written before;
 * - `stale`: a read that began after another process was answered shows less than that answer;
 * - `late-write`: a write that began after an answer did not get a higher version than that answer;
 * - `duplicate`: two writes were acknowledged with one version;
 * - `other-value`: a read shows under a version what its writer did not write;
 * - `gap`: a version that no write accounts for.
 */
export type Rule = 'went-back' | 'own-write' | 'stale' | 'late-write' | 'duplicate' | 'other-value' | 'gap'

export interface Violation {
  readonly rule: Rule
  readonly secret: string
  readonly version: number
  /** What broke the rule, and what it is held against. */
  readonly operations: readonly Operation[]
}

/** Everything that is wrong with a history of secrets that began absent and were only read and set. */
export function checkHistory(history: readonly Operation[]): readonly Violation[] {
  const secrets = new Set(history.map(({ secret }) => secret))
  return [...secrets].flatMap((secret) => {
    const operations = history.filter((operation) => operation.secret === secret)
    const answered = operations.filter((operation): operation is Answered => operation.kind !== 'unanswered')
    const unanswered = operations.filter((operation): operation is Unanswered => operation.kind === 'unanswered')
    return [...checkOrder(answered), ...checkValues(answered, unanswered), ...checkGaps(answered, unanswered)]
  })
}

/** Holds each operation against those that were answered before it began; the others may come in any order. */
function checkOrder(answered: readonly Answered[]): readonly Violation[] {
  const ended = [...answered].sort((a, b) => Number(a.answeredNs - b.answeredNs))
  const newest = new Map<string, Answered>()
  const violations: Violation[] = []
  let absorbed = 0
  for (const operation of [...answered].sort((a, b) => Number(a.invokedNs - b.invokedNs))) {
    for (; absorbed < ended.length; absorbed += 1) {
      const earlier = ended[absorbed]
      if (earlier === undefined || earlier.answeredNs >= operation.invokedNs) break
      for (const place of [anybody, placeOf(earlier)]) {
        if (earlier.version >= (newest.get(place)?.version ?? 0)) newest.set(place, earlier)
      }
    }
    const violation = breachOf(operation, newest)
    if (violation !== undefined) violations.push(violation)
  }
  return violations
}

const anybody = 'anybody'

function placeOf({ process, kind }: Pick<Answered, 'process' | 'kind'>): string {
  return `${kind} of ${process}`
}

/** The narrowest rule that an operation breaks. */
function breachOf(operation: Answered, newest: ReadonlyMap<string, Answered>): Violation | undefined {
  const { kind, process, secret, version } = operation
  const rules: readonly (readonly [Rule, string])[] =
    kind === 'set'
      ? [['late-write', anybody]]
      : [
          ['went-back', placeOf({ process, kind: 'get' })],
          ['own-write', placeOf({ process, kind: 'set' })],
          ['stale', anybody],
        ]
  for (const [rule, place] of rules) {
    const before = newest.get(place)
    if (before === undefined) continue
    const isBroken = kind === 'set' ? version <= before.version : version < before.version
    if (isBroken) return { rule, secret, version, operations: [before, operation] }
  }
  return undefined
}

/** Each version has one writer and one value. */
function checkValues(answered: readonly Answered[], unanswered: readonly Unanswered[]): readonly Violation[] {
  const violations: Violation[] = []
  const writers = new Map<number, Operation>()
  for (const write of answered) {
    const { kind, secret, version } = write
    if (kind !== 'set') continue
    const other = writers.get(version)
    if (other === undefined) writers.set(version, write)
    else violations.push({ rule: 'duplicate', secret, version, operations: [other, write] })
  }
  // The first read of a version that nobody was answered tells which unanswered write made it.
  const open = new Map(unanswered.map((write) => [write.value, write]))
  for (const read of answered) {
    const { kind, secret, version, value } = read
    if (kind !== 'get') continue
    const writer = writers.get(version) ?? (value === undefined ? undefined : open.get(value))
    if (value === writer?.value && (version === 0) === (value === undefined)) {
      if (writer?.kind === 'unanswered') {
        open.delete(writer.value)
        writers.set(version, writer)
      }
    } else {
      violations.push({ rule: 'other-value', secret, version, operations: writer ? [writer, read] : [read] })
    }
  }
  return violations
}

/** A version below the newest that no acknowledged write has was made by a write without an answer, or by none. */
function checkGaps(answered: readonly Answered[], unanswered: readonly Unanswered[]): readonly Violation[] {
  const acknowledged = new Set(answered.filter(({ kind }) => kind === 'set').map(({ version }) => version))
  const newest = answered.reduce((most, { version }) => Math.max(most, version), 0)
  const missing = Array.from({ length: newest }, (_, index) => index + 1).filter((each) => !acknowledged.has(each))
  const secret = answered[0]?.secret ?? ''
  return missing.slice(unanswered.length).map((version) => ({ rule: 'gap', secret, version, operations: [] }))
}
