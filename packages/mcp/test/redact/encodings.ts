// The encodings in which a value is met, each as other software makes it, and the values that are put through them.

/** What a program makes of a value between other text. */
export interface Encoding {
  readonly name: string
  readonly encode: (value: string, around: { readonly before: string; readonly after: string }) => string
}

/** An encoding that leaves the text around the value as it is. */
function escaping(name: string, encode: (value: string) => string): Encoding {
  return { name, encode: (value, { before, after }) => before + encode(value) + after }
}

/** One that encodes the value together with its neighbours. */
function whole(name: string, encode: (text: string) => string): Encoding {
  return { name, encode: (value, { before, after }) => encode(before + value + after) }
}

const everyByte = (text: string, each: (byte: number) => string): string => [...Buffer.from(text)].map(each).join('')
const everyUnit = (text: string, each: (code: number) => string): string =>
  Array.from({ length: text.length }, (_, at) => each(text.charCodeAt(at))).join('')
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')
const html: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${hex(each.charCodeAt(0), 2)}`)
const json = (text: string): string => JSON.stringify(text).slice(1, -1)

export const escapings: readonly Encoding[] = [
  escaping('the value itself', (value) => value),
  escaping('hex', (value) => Buffer.from(value).toString('hex')),
  escaping('hex in capitals', (value) => Buffer.from(value).toString('hex').toUpperCase()),
  escaping('encodeURIComponent', encodeURIComponent),
  escaping('strict URL encoding in capitals', (value) => strict(value).replace(/%../g, (each) => each.toUpperCase())),
  escaping('strict URL encoding in small letters', (value) =>
    strict(value).replace(/%../g, (each) => each.toLowerCase()),
  ),
  escaping('every byte for a URL', (value) => everyByte(value, (byte) => `%${hex(byte, 2)}`)),
  escaping('twice for a URL', (value) => encodeURIComponent(encodeURIComponent(value))),
  escaping('a form', (value) => new URLSearchParams({ a: value }).toString().slice(2)),
  escaping('JSON', json),
  escaping('JSON with escaped slashes', (value) => json(value).replaceAll('/', '\\/')),
  escaping('JSON in ASCII', (value) =>
    json(value).replace(/[\x80-\uffff]/g, (each) => `\\u${hex(each.charCodeAt(0), 4)}`),
  ),
  escaping('JSON for HTML', (value) =>
    json(value).replace(/[<>&'+]/g, (each) => `\\u${hex(each.charCodeAt(0), 4).toUpperCase()}`),
  ),
  escaping('JSON of escapes', (value) => everyUnit(value, (code) => `\\u${hex(code, 4)}`)),
  escaping('JSON in JSON', (value) => json(json(value))),
  escaping('a URL in JSON in ASCII', (value) => json(encodeURI(value)).replaceAll('/', '\\/')),
  escaping('HTML', (value) => value.replace(/[&<>"']/g, (each) => html[each] ?? each)),
  escaping('HTML in decimals', (value) => everyCharacter(value, (code) => `&#${code};`)),
  escaping('HTML in hex', (value) => everyCharacter(value, (code) => `&#x${hex(code, 2)};`)),
  escaping('HTML of JSON', (value) => json(value).replace(/[&<>"']/g, (each) => html[each] ?? each)),
]

function everyCharacter(text: string, each: (code: number) => string): string {
  return [...text].map((character) => each(character.codePointAt(0) ?? 0)).join('')
}

export const wholes: readonly Encoding[] = [
  whole('base64', (text) => Buffer.from(text).toString('base64')),
  whole('base64 without padding', (text) => Buffer.from(text).toString('base64').replace(/=+$/, '')),
  whole('base64url', (text) => Buffer.from(text).toString('base64url')),
  whole('base64 in a URL', (text) => encodeURIComponent(Buffer.from(text).toString('base64'))),
  whole('base64 in JSON with escaped slashes', (text) => Buffer.from(text).toString('base64').replaceAll('/', '\\/')),
]

export const sampleValues: readonly string[] = [
  'abc123',
  ['ghp', '16C7e42F292c6912E7710c838347Ae178B4a'].join('_'),
  'postgres://app:p%40ss/w0rd+x@db.example.com:5432/app?sslmode=require',
  'a "quoted" \\value\\ with <tags> & \'more\' / slashes?',
  'pässwörd-für-Zoë',
  'emoji 🔑 and 日本語 in one',
  'line one\nline two\ttabbed\r\nline three',
  'with+plus and blank=equals&and;semi',
  '-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8AgEAAkEAq7BFUpkGp3+LQmlQ\n-----END KEY-----',
  '98765432101234',
  'aaaaaaaaaaaa',
]
