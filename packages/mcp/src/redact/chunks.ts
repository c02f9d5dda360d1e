// Redacts a text that comes in pieces: holds back only what may still become a value.
import { decode, decodedIndex, openEscapeFrom, sourceStart } from './decode.ts'
import type { Registry } from './registry.ts'
import { escapeKinds, findSpans, maxEscapes, replaceSpans } from './spans.ts'

export interface Chunks {
  /** What of the text so far is sure, without live values. */
  push(piece: string): string
  /** The rest. */
  end(): string
}

/** The characters that are held back at most: beyond that a text is one value after another without a gap. */
const maxHeld = 4 * 1_048_576

export function createChunks(registry: Registry): Chunks {
  let held = ''
  return {
    push(piece) {
      const text = held + piece
      const sure = held.length > maxHeld ? text.length : sureTo(registry, text)
      held = text.slice(sure)
      const spans = findSpans(registry, text).filter(({ end }) => end <= sure)
      return replaceSpans(text.slice(0, sure), spans)
    },
    end() {
      const text = held
      held = ''
      return replaceSpans(text, findSpans(registry, text))
    },
  }
}

/** How far a text is sure, whatever comes after it. It cuts neither an escape nor a value. */
function sureTo(registry: Registry, text: string): number {
  if (registry.size === 0) return text.length
  const spans = findSpans(registry, text)
  let sure = openFrom(registry, text, maxEscapes)
  for (let before = -1; before !== sure; ) {
    before = sure
    sure = wholeEscape(registry, { text, index: sure, escapes: maxEscapes })
    for (const { start, end } of spans) if (start < sure && end > sure) sure = start
  }
  return sure
}

/** Where something begins that what follows may complete: a value, or an escape. */
function openFrom(registry: Registry, text: string, escapes: number): number {
  let open = registry.matcher.openFrom(text)
  if (escapes === 0) return open
  for (const kind of escapeKinds(registry)) {
    const decoded = decode(kind, text)
    const cut = openEscapeFrom(kind, text, decoded)
    if (decoded === undefined && cut === text.length) continue
    // A cut escape is no character yet: a value may go on after it.
    const whole = cut === text.length ? decoded : decode(kind, text.slice(0, cut))
    const inner = whole?.text ?? text.slice(0, cut)
    const innerOpen = openFrom(registry, inner, escapes - 1)
    const begins = innerOpen === inner.length ? cut : whole === undefined ? innerOpen : sourceStart(whole, innerOpen)
    open = Math.min(open, cut, begins)
  }
  return open
}

/** The place, or the beginning of the escape that it stands inside of. */
function wholeEscape(
  registry: Registry,
  { text, index, escapes }: { readonly text: string; readonly index: number; readonly escapes: number },
): number {
  let place = index
  if (escapes === 0 || index === 0 || index === text.length) return place
  for (const kind of escapeKinds(registry)) {
    const decoded = decode(kind, text)
    if (decoded === undefined) continue
    const inner = wholeEscape(registry, {
      text: decoded.text,
      index: decodedIndex(decoded, place),
      escapes: escapes - 1,
    })
    place = Math.min(place, inner === decoded.text.length ? place : sourceStart(decoded, inner))
  }
  return place
}
