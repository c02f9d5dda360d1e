// Redacts a text of JSON so that it stays JSON, also where a value is a number in it or reaches over quotes.
import { shownAs } from './registry.ts'
import { replaceSpans, type Span } from './spans.ts'

/** A part of the text to replace, with what comes in its place. */
interface Patch {
  readonly start: number
  readonly end: number
  readonly mark: string
}

/**
 * The text with a mark in the place of each span. A span that is not inside one string takes the whole number, string,
 * array or object that holds it along, and its mark is a string.
 */
export function replaceInJson(text: string, spans: readonly Span[]): string {
  if (!spans.some((span) => mayBreak(text.slice(span.start, span.end))) || !isJson(text))
    return replaceSpans(text, spans)
  let done = 0
  const parts: string[] = []
  const patches = patchesOf(text, spans).sort((a, b) => a.start - b.start || b.end - a.end)
  for (const { start, end, mark } of patches) {
    // Already gone, with the array or object around it.
    if (start < done) continue
    parts.push(text.slice(done, start), mark)
    done = end
  }
  return parts.join('') + text.slice(done)
}

/** A text without a quote is inside of a string or outside of all; what is outside consists of these alone. */
function mayBreak(part: string): boolean {
  return part.includes('"') || /^[\s{}[\]:,0-9+\-.eEtrufalsn]*$/.test(part)
}

/** A text that is one bare number is a text like any other. */
function isJson(text: string): boolean {
  if (!/^\s*[{["]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The smallest part of valid JSON around each span that is one string, number, literal, array or object. */
function patchesOf(text: string, spans: readonly Span[]): Patch[] {
  const patches: Patch[] = []
  const open: number[] = []
  /** Those that reach out of a string or number, in their order. They wait for the end of the array or object around. */
  const reaching: Span[] = []
  let next = 0
  const wholePatch = (start: number, end: number, { live }: Span): void =>
    void patches.push({ start, end, mark: JSON.stringify(shownAs(live)) })

  function endToken(start: number, end: number): void {
    const isString = text.charAt(start) === '"'
    for (let span = spans[next]; span !== undefined && span.start < end; span = spans[next]) {
      next++
      if (isString && span.start > start && span.end < end)
        patches.push({ start: span.start, end: span.end, mark: shownAs(span.live) })
      else if (span.start >= start && span.end <= end) wholePatch(start, end, span)
      else reaching.push(span)
    }
  }

  /** Spans lie apart, so that only the last one may reach out of this as well. */
  function endContainer(start: number, end: number): void {
    for (let span = spans[next]; span !== undefined && span.start < end; span = spans[next]) {
      next++
      reaching.push(span)
    }
    let last = reaching.at(-1)
    const beyond = last !== undefined && last.end > end ? reaching.pop() : undefined
    for (last = reaching.at(-1); last !== undefined && last.start >= start; last = reaching.at(-1)) {
      wholePatch(start, end, last)
      reaching.pop()
    }
    if (beyond !== undefined) reaching.push(beyond)
  }

  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at)
    const end = tokenEnd(text, at)
    if (character === '{' || character === '[') open.push(at)
    else if (character === '}' || character === ']') endContainer(open.pop() ?? 0, end)
    else if (!/[\s:,]/.test(character)) endToken(at, end)
    at = end
  }
  return patches
}

function tokenEnd(text: string, start: number): number {
  const character = text.charAt(start)
  let at = start + 1
  if (character === '"') {
    while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
    return at + 1
  }
  if (/[\s{}[\]:,]/.test(character)) return at
  while (at < text.length && !/[\s{}[\]:,"]/.test(text.charAt(at))) at++
  return at
}
