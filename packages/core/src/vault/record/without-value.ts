// Takes a value out of a text for people, in the forms in which programs repeat what they were given.
import type { SecretValue } from '../secret-value.ts'

/** Shorter ones occur in ordinary words by chance. */
const minBytes = 4
const maxLength = 500

/** The text in one line, cut to fit, with `[secret]` for the value, for each of its fields, and for these in an encoding. */
export function withoutValue(text: string, value: SecretValue): string {
  const parts = value.encoding === 'fields' ? Object.values(value.fields()) : []
  const whole = value.encoding === 'bytes' ? [] : [value.reveal()]
  const forms = [...whole, ...parts].filter((part) => Buffer.byteLength(part) >= minBytes).flatMap(formsOf)
  // The longest first, since one may contain another.
  const hidden = forms
    .sort((a, b) => b.length - a.length)
    .reduce((rest, form) => rest.replaceAll(form, '[secret]'), text)
  return hidden.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, maxLength)
}

function formsOf(part: string): readonly string[] {
  const bytes = Buffer.from(part)
  const base64 = bytes.toString('base64').replaceAll('=', '')
  return [
    part,
    JSON.stringify(part).slice(1, -1),
    encodeURIComponent(part),
    base64,
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}
