// Compares two values and says how they differ, in words that hold no part of either.
import type { RevealedSecret } from '../client.ts'

export type Comparison = readonly {
  /** The field; empty for a value without fields. */
  readonly field: string
  readonly verdict: 'same' | 'changed' | 'added' | 'removed'
  /** How long it was and is. */
  readonly before: string
  readonly after: string
}[]

export function compareValues(before: RevealedSecret, after: RevealedSecret): Comparison {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])].map((field) => ({
    field,
    verdict: verdictOf(old.get(field), now.get(field)),
    before: lengthOf(old.get(field)),
    after: lengthOf(now.get(field)),
  }))
}

function fieldsOf(value: RevealedSecret): ReadonlyMap<string, string> {
  return new Map(value.encoding === 'fields' ? Object.entries(value.value) : [['', value.value]])
}

function verdictOf(before: string | undefined, after: string | undefined): Comparison[number]['verdict'] {
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  return before === after ? 'same' : 'changed'
}

function lengthOf(text: string | undefined): string {
  if (text === undefined) return 'absent'
  return text.length === 1 ? '1 character' : `${text.length} characters`
}
