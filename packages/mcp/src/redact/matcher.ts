// Finds many texts in one pass: four characters of each are its anchor, and a small table tells where none can be.
import { hasBits, isBase64Letter } from './base64.ts'
import type { Form } from './forms.ts'

/** The characters of an anchor, and with that the shortest text that can be looked for. */
export const minCharacters = 4

/** Where a text was found. */
export type Found<Owner> = (start: number, end: number, owner: Owner) => void

export interface Matcher<Owner> {
  add(forms: readonly Form<Owner>[]): void
  remove(forms: readonly Form<Owner>[]): void
  /** Calls `found` for each place of each text, in no promised order, and more than once where texts overlap. */
  find(text: string, found: Found<Owner>): void
  /** Where the end of a text may be the beginning of one to look for; its length when it cannot be. */
  openFrom(text: string): number
}

interface Anchored<Owner> {
  readonly form: Form<Owner>
  /** Where the anchor stands in the text of the form. */
  readonly offset: number
}

const minSlots = 1 << 15

/**
 * Adding and removing cost the same whatever else is looked for, and nothing is built again but the table, when it has
 * become too small. Each form is anchored where few others are, so that many values that begin alike cost no more.
 */
export function createMatcher<Owner>(): Matcher<Owner> {
  const buckets = new Map<number, Anchored<Owner>[]>()
  /** By their first two characters. */
  const starts = new Map<number, Set<Form<Owner>>>()
  /** How many forms begin with a character. */
  const firsts = new Map<number, number>()
  let filter = new Int32Array(minSlots / 32)
  let shift = shiftOf(minSlots)
  let used = 0

  function add(form: Form<Owner>): void {
    const { text } = form
    const offset = bestOffset(text, (anchor) => buckets.get(anchor)?.length ?? 0)
    const anchor = anchorAt(text, offset)
    const bucket = buckets.get(anchor)
    if (bucket === undefined) buckets.set(anchor, [{ form, offset }])
    else bucket.push({ form, offset })
    const start = pairAt(text, 0)
    const same = starts.get(start)
    if (same === undefined) starts.set(start, new Set([form]))
    else same.add(form)
    const first = text.charCodeAt(0)
    firsts.set(first, (firsts.get(first) ?? 0) + 1)
    used += 1
    if (used * 64 > filter.length * 32) rebuild()
    else mark(filter, slotOf(anchor, shift))
  }

  function remove(form: Form<Owner>): void {
    const start = pairAt(form.text, 0)
    starts.get(start)?.delete(form)
    if (starts.get(start)?.size === 0) starts.delete(start)
    const first = form.text.charCodeAt(0)
    const left = (firsts.get(first) ?? 1) - 1
    if (left > 0) firsts.set(first, left)
    else firsts.delete(first)
    for (const offset of offsetsOf(form.text.length)) {
      const anchor = anchorAt(form.text, offset)
      const bucket = buckets.get(anchor)
      const at = bucket?.findIndex((each) => each.form === form) ?? -1
      if (bucket === undefined || at < 0) continue
      bucket.splice(at, 1)
      // The table keeps its mark, which costs a look-up and nothing else, until it is built again.
      if (bucket.length === 0) buckets.delete(anchor)
      return
    }
  }

  function rebuild(): void {
    used = 0
    for (const bucket of buckets.values()) used += bucket.length
    let slots = minSlots
    while (slots < used * 128) slots *= 2
    filter = new Int32Array(slots / 32)
    shift = shiftOf(slots)
    for (const anchor of buckets.keys()) mark(filter, slotOf(anchor, shift))
  }

  function checkAt(
    text: string,
    end: number,
    { bucket, found }: { readonly bucket: readonly Anchored<Owner>[]; readonly found: Found<Owner> },
  ): void {
    for (const { form, offset } of bucket) {
      const start = end - offset - minCharacters
      if (start < 0 || !text.startsWith(form.text, start)) continue
      const place = withEdges(text, start, form)
      if (place !== undefined) found(place.start, place.end, form.owner)
    }
  }

  return {
    add: (forms) => forms.forEach(add),
    remove: (forms) => forms.forEach(remove),
    find(text, found) {
      if (buckets.size === 0) return
      const { length } = text
      // Locals, since this loop is what redacting costs.
      const bits = filter
      const by = shift
      let anchor = 0
      for (let at = 0; at < length; at++) {
        // Each character leaves the 32 bits after four more, so this depends on the last four alone.
        anchor = (anchor << 8) ^ text.charCodeAt(at)
        const slot = Math.imul(anchor, 0x9e3779b1) >>> by
        if (((bits[slot >>> 5] ?? 0) & (1 << slot)) !== 0 && at >= minCharacters - 1) {
          const bucket = buckets.get(anchor)
          if (bucket !== undefined) checkAt(text, at + 1, { bucket, found })
        }
      }
    },
    openFrom(text) {
      if (starts.size === 0) return text.length
      for (let at = 0; at < text.length - 1; at++) {
        for (const form of starts.get(pairAt(text, at)) ?? []) {
          // A letter more, since a form of base64 says something of the one before it.
          if (form.text.startsWith(text.slice(at))) return Math.max(0, at - 1)
        }
      }
      const last = text.length - 1
      if (firsts.has(text.charCodeAt(last))) return Math.max(0, last - 1)
      return isBase64Letter(text, last) ? last : text.length
    },
  }
}

function mark(filter: Int32Array, slot: number): void {
  filter[slot >>> 5] = (filter[slot >>> 5] ?? 0) | (1 << slot)
}

function shiftOf(slots: number): number {
  return 32 - Math.log2(slots)
}

function slotOf(anchor: number, shift: number): number {
  return Math.imul(anchor, 0x9e3779b1) >>> shift
}

function anchorAt(text: string, offset: number): number {
  let anchor = 0
  for (let at = offset; at < offset + minCharacters; at++) anchor = (anchor << 8) ^ text.charCodeAt(at)
  return anchor
}

function pairAt(text: string, at: number): number {
  return text.charCodeAt(at) * 65_536 + text.charCodeAt(at + 1)
}

/** The places for an anchor that are tried, from the end: beginnings are alike more often than ends are. */
function offsetsOf(length: number): readonly number[] {
  const last = length - minCharacters
  return Array.from({ length: Math.min(16, last + 1) }, (_, index) => last - index)
}

/** The place with few others, and among those one with different characters, which is rarer in other texts. */
function bestOffset(text: string, crowd: (anchor: number) => number): number {
  let best = { offset: 0, cost: Number.POSITIVE_INFINITY }
  for (const offset of offsetsOf(text.length)) {
    const repeats = minCharacters - new Set(text.slice(offset, offset + minCharacters)).size
    const cost = crowd(anchorAt(text, offset)) + repeats
    if (cost < best.cost) best = { offset, cost }
    if (cost === 0) break
  }
  return best.offset
}

/**
 * The place with the letters of base64 beside it that hold bits of the value; undefined when one of them contradicts.
 * Where no letter stands, the text was cut there: then the rest decides, if it is long enough.
 */
function withEdges<Owner>(text: string, start: number, form: Form<Owner>): { start: number; end: number } | undefined {
  const { before, after } = form
  const end = start + form.text.length
  const first = before === undefined ? true : hasBits(text, start - 1, before)
  const last = after === undefined ? true : hasBits(text, end, after)
  if (first === false || last === false) return undefined
  if ((first === undefined || last === undefined) && form.text.length < 8) return undefined
  return {
    start: before !== undefined && first === true ? start - 1 : start,
    end: after !== undefined && last === true ? end + 1 : end,
  }
}
