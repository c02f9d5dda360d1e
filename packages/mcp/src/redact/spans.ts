// The parts of a text that give a live value away, and the text without them.
import { decode, type EscapeKind, isWorthDecoding, sourceEnd, sourceStart } from './decode.ts'
import { type Live, type Registry, shownAs } from './registry.ts'

/** A part of a text, and the value in it. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly live: Live
}

/** An escaped text may stand in another: JSON in a line of JSON, a URL in HTML. */
export const maxEscapes = 2

/** The kinds of escapes that are undone. Where no value has a blank, a plus stands for itself alone. */
export function escapeKinds(registry: Registry): readonly EscapeKind[] {
  return registry.hasCharacter(' ') ? ['json', 'url', 'html', 'form'] : ['json', 'url', 'html']
}

/** The parts that give live values away, from the first on; those that overlap are one. */
export function findSpans(registry: Registry, text: string): readonly Span[] {
  if (registry.size === 0) return []
  const spans: Span[] = []
  collect({ registry, text, escapes: maxEscapes, found: (start, end, live) => append(spans, { start, end, live }) })
  return merged(spans.map((span) => wholeEscapes(text, span)))
}

function collect(view: {
  readonly registry: Registry
  readonly text: string
  readonly escapes: number
  readonly found: (start: number, end: number, live: Live) => void
}): void {
  const { registry, text, escapes, found } = view
  registry.matcher.find(text, found)
  if (escapes === 0) return
  for (const kind of escapeKinds(registry)) {
    const decoded = isWorthDecoding(kind, text, registry.hasCharacter) ? decode(kind, text) : undefined
    if (decoded === undefined) continue
    collect({
      registry,
      text: decoded.text,
      escapes: escapes - 1,
      found: (start, end, live) => found(sourceStart(decoded, start), sourceEnd(decoded, end), live),
    })
  }
}

/** A value of one letter repeated is found at each place of such a text, so what continues the last part extends it. */
function append(spans: Span[], span: Span): void {
  const last = spans.at(-1)
  const continues = last !== undefined && last.live === span.live && span.start >= last.start && span.start < last.end
  if (continues) spans[spans.length - 1] = { ...last, end: Math.max(last.end, span.end) }
  else spans.push(span)
}

/** What overlaps is replaced as one, so that no rest of a value stays. It is shown as the longest value in it. */
function merged(spans: readonly Span[]): readonly Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end)
  const apart: Span[] = []
  let longest = 0
  for (const span of sorted) {
    const last = apart.at(-1)
    const length = span.end - span.start
    if (last === undefined || span.start >= last.end) {
      apart.push(span)
      longest = length
      continue
    }
    const live = length > longest ? span.live : last.live
    longest = Math.max(longest, length)
    apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, span.end), live }
  }
  return apart
}

/** The span with the escapes of JSON that it cuts through, since half an escape would break the text around it. */
function wholeEscapes(text: string, { start, end, live }: Span): Span {
  return { start: escapeStart(text, start), end: escapeEnd(text, end), live }
}

/** The beginning of the escape that a place stands inside of; else the place. */
function escapeStart(text: string, at: number): number {
  for (let back = 1; back <= 5 && back <= at; back++) {
    const character = text.charAt(at - back)
    if (character === '\\') return isEscaping(text, at - back) && at < escapedTo(text, at - back) ? at - back : at
    if (!/[0-9a-fA-Fu]/.test(character)) return at
  }
  return at
}

function escapeEnd(text: string, at: number): number {
  const start = escapeStart(text, at)
  return start === at ? at : Math.min(text.length, escapedTo(text, start))
}

/** The end of the escape that a backslash begins. */
function escapedTo(text: string, backslash: number): number {
  return /^u[0-9a-fA-F]{4}/.test(text.slice(backslash + 1, backslash + 6)) ? backslash + 6 : backslash + 2
}

/** Whether a backslash begins an escape, and is not itself escaped. */
function isEscaping(text: string, backslash: number): boolean {
  let before = backslash
  while (before > 0 && text.charAt(before - 1) === '\\') before--
  return (backslash - before) % 2 === 0
}

/** The text with a mark in the place of each span. */
export function replaceSpans(text: string, spans: readonly Span[]): string {
  let done = 0
  const parts: string[] = []
  for (const { start, end, live } of spans) {
    parts.push(text.slice(done, start), shownAs(live))
    done = end
  }
  return parts.join('') + text.slice(done)
}
