// Undoes the escapes of one kind in a text, and knows where each character came from.

/** JSON and JavaScript; URLs; forms, where a plus is a blank; HTML. */
export type EscapeKind = 'json' | 'url' | 'form' | 'html'

export interface Decoded {
  readonly text: string
  /** Of each escape: where it stands in the decoded text, how long it is there, and its place in the source. */
  readonly at: readonly number[]
  readonly width: readonly number[]
  readonly from: readonly number[]
  readonly to: readonly number[]
}

interface EscapeRules {
  /** Without it in a text there is nothing to do. */
  readonly mark: RegExp
  readonly pattern: RegExp
  /** An escape that the end of a text cuts off. */
  readonly open: RegExp
  /** Undefined when it only looks like an escape. */
  readonly plain: (token: string) => string | undefined
}

const rules: Readonly<Record<EscapeKind, EscapeRules>> = {
  json: {
    mark: /\\/,
    pattern: /\\(?:u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})|x[0-9a-fA-F]{2}|["'`\\/bfnrtv0$])/g,
    open: /\\(?:u(?:[0-9a-fA-F]{0,3}|\{[0-9a-fA-F]{0,6})|x[0-9a-fA-F]?)?$/,
    plain: plainOfJson,
  },
  url: { mark: /%/, pattern: /%[0-9a-fA-F]{2}/g, open: /%[0-9a-fA-F]?$/, plain: plainOfUrl },
  form: { mark: /\+/, pattern: /%[0-9a-fA-F]{2}|\+/g, open: /%[0-9a-fA-F]?$/, plain: plainOfUrl },
  html: {
    mark: /&/,
    pattern: /&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z]{2,9});/g,
    open: /&(?:#(?:[0-9]{0,8}|[xX][0-9a-fA-F]{0,8})|[A-Za-z]{0,9})?$/,
    plain: plainOfHtml,
  },
}

/** Longer than any escape that the end of a text can cut off. */
const maxOpenLength = 16

/** The text without its escapes; undefined when it has none of this kind. */
export function decode(kind: EscapeKind, text: string): Decoded | undefined {
  const { mark, pattern, plain } = rules[kind]
  if (!mark.test(text)) return undefined
  const at: number[] = []
  const width: number[] = []
  const from: number[] = []
  const to: number[] = []
  const parts: string[] = []
  let length = 0
  let done = 0
  for (const match of text.matchAll(pattern)) {
    const [whole] = match
    const character = plain(whole)
    if (character === undefined) continue
    parts.push(text.slice(done, match.index), character)
    length += match.index - done
    done = match.index + whole.length
    at.push(length)
    width.push(character.length)
    from.push(match.index)
    to.push(done)
    length += character.length
  }
  if (at.length === 0) return undefined
  parts.push(text.slice(done))
  return { text: parts.join(''), at, width, from, to }
}

/** Whether undoing escapes can show a value: it has a character that one of them stands for, or one that begins another. */
export function isWorthDecoding(kind: EscapeKind, text: string, isInValues: (character: string) => boolean): boolean {
  // The other kinds are rare in texts without a reason for them.
  if (kind !== 'json') return rules[kind].mark.test(text)
  const idle = [...'"\'`bfnrt'].filter((letter) => !isInValues(shortEscapes[letter] ?? letter)).join('')
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
    if (at + 1 === text.length || !idle.includes(text.charAt(at + 1))) return true
  }
  return false
}

/** Where an escape begins that the end of the text cuts off, after those that were undone; its length when none is. */
export function openEscapeFrom(kind: EscapeKind, text: string, decoded: Decoded | undefined): number {
  const start = Math.max(0, text.length - maxOpenLength, decoded?.to.at(-1) ?? 0)
  const found = text.slice(start).search(rules[kind].open)
  return found < 0 ? text.length : start + found
}

/** Where a character of the decoded text begins in the source. */
export function sourceStart(decoded: Decoded, index: number): number {
  const last = escapeBefore(decoded.at, index)
  if (last < 0) return index
  const past = index - number(decoded.at, last) - number(decoded.width, last)
  return past < 0 ? number(decoded.from, last) : number(decoded.to, last) + past
}

/** Where the part of the source ends that the decoded text up to an index comes from. */
export function sourceEnd(decoded: Decoded, index: number): number {
  const last = escapeBefore(decoded.at, index - 1)
  if (last < 0) return index
  const past = index - number(decoded.at, last) - number(decoded.width, last)
  return number(decoded.to, last) + Math.max(0, past)
}

/** The place of the decoded text for one of the source; one inside an escape goes to its beginning. */
export function decodedIndex(decoded: Decoded, source: number): number {
  const last = escapeBefore(decoded.from, source)
  if (last < 0) return source
  const past = source - number(decoded.to, last)
  return past < 0 ? number(decoded.at, last) : number(decoded.at, last) + number(decoded.width, last) + past
}

/** The last escape that begins at an index or before it; -1 when none does. */
function escapeBefore(begins: readonly number[], index: number): number {
  let low = 0
  let high = begins.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (number(begins, middle) <= index) low = middle + 1
    else high = middle
  }
  return low - 1
}

function number(numbers: readonly number[], at: number): number {
  return numbers[at] ?? 0
}

const shortEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '0': '\0',
}

function plainOfJson(token: string): string | undefined {
  const letter = token.charAt(1)
  if (letter !== 'u' && letter !== 'x') return shortEscapes[letter] ?? letter
  return characterOf(Number.parseInt(token.slice(2).replace(/[{}]/g, ''), 16))
}

/** One byte as one character: bytes of UTF-8 are looked for as such. */
function plainOfUrl(token: string): string {
  return token === '+' ? ' ' : String.fromCharCode(Number.parseInt(token.slice(1), 16))
}

function plainOfHtml(token: string): string | undefined {
  const name = token.slice(1, -1)
  if (!name.startsWith('#')) return Object.hasOwn(htmlNames, name) ? htmlNames[name] : undefined
  return /^#x/i.test(name) ? characterOf(Number.parseInt(name.slice(2), 16)) : characterOf(Number(name.slice(1)))
}

function characterOf(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

/** The names of HTML for the characters of ASCII that are neither letters nor digits. */
const htmlNames: Readonly<Record<string, string>> = {
  Tab: '\t',
  NewLine: '\n',
  excl: '!',
  quot: '"',
  QUOT: '"',
  num: '#',
  dollar: '$',
  percnt: '%',
  amp: '&',
  AMP: '&',
  apos: "'",
  lpar: '(',
  rpar: ')',
  ast: '*',
  midast: '*',
  plus: '+',
  comma: ',',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  lt: '<',
  LT: '<',
  equals: '=',
  gt: '>',
  GT: '>',
  quest: '?',
  commat: '@',
  lsqb: '[',
  lbrack: '[',
  bsol: '\\',
  rsqb: ']',
  rbrack: ']',
  Hat: '^',
  lowbar: '_',
  grave: '`',
  lcub: '{',
  lbrace: '{',
  verbar: '|',
  vert: '|',
  rcub: '}',
  rbrace: '}',
  nbsp: ' ',
}
