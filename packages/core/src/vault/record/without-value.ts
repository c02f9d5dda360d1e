// Takes a value out of a text for people, in the forms in which programs repeat what they were given.
import { utf8Bytes, utf8Text, view } from '../../bytes/index.ts'
import type { SecretValue } from '../secret-value.ts'

/** Shorter ones occur in ordinary words by chance. */
const minBytes = 4
const maxLength = 500

/** The text in one line, cut to fit, with `[secret]` for the value, for each of its fields, and for these in an encoding. */
export async function withoutValue(text: string, value: SecretValue): Promise<string> {
  const fields = value.encoding === 'fields' ? Object.values(value.fields()).map(utf8Bytes) : []
  const forms = await value.use((whole) =>
    [view(whole), ...fields].filter((part) => part.length >= minBytes).flatMap(formsOf),
  )
  // The longest first, since one may contain another.
  forms.sort((a, b) => b.length - a.length)
  const hidden = forms.reduce((rest, form) => rest.replaceAll(form, '[secret]'), text)
  return hidden.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, maxLength)
}

function formsOf(bytes: Buffer): readonly string[] {
  const encoded = [bytes.toString('base64').replaceAll('=', ''), bytes.toString('base64url'), bytes.toString('hex')]
  const part = utf8Text(bytes)
  if (part === undefined) return encoded
  return [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part), ...encoded]
}
