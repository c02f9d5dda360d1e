// The preset of a key that signs JSON web tokens: a text of enough randomness, or a private key in PEM.
import { type KnownPreset, textPreset } from './preset.ts'

const maxKeyLength = 16_384
const minKeyBytes = 32
/** Below the 115 bits that are measured in 32 random hexadecimal digits, above what a repeated word has. */
const minBits = 96

const begin = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/
const privateLabels = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']

function findFault(text: string): string | undefined {
  if (text.length > maxKeyLength) return 'must be at most 16,384 characters long.'
  return text.trimStart().startsWith('-----BEGIN') ? findInPem(text.trim()) : findInText(text)
}

function findInText(text: string): string | undefined {
  if (text.trim() !== text) return 'must have no spaces or line breaks around it.'
  if (/^(["'`]).*\1$/s.test(text)) return 'must be without the quotes around it.'
  if (/^[0-9a-f]+$/i.test(text) && text.length < 2 * minKeyBytes)
    return 'must have at least 64 hexadecimal digits, which are 32 bytes.'
  if (new TextEncoder().encode(text).length < minKeyBytes) return 'must be at least 32 bytes long.'
  return bitsOf(text) < minBits ? 'must be random: it has too few different characters, or a repeated word.' : undefined
}

/** How much the characters say by how often each comes, and no more than one round of a repeated text does. */
function bitsOf(text: string): number {
  const start = text.slice(0, 1_024)
  const sample = start.slice(0, roundOf(start))
  const counts = new Map<string, number>()
  for (const character of sample) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / sample.length)
  return bits
}

/** The length of the text that is repeated; the whole length when none is. */
function roundOf(text: string): number {
  return (text + text).indexOf(text, 1)
}

function findInPem(text: string): string | undefined {
  if (text.includes('\\n')) return 'must have line breaks where "\\n" is written.'
  const lines = text.split(/\r?\n/)
  const label = begin.exec(lines[0] ?? '')?.[1]
  if (label === undefined) return 'must have a line of its own for "-----BEGIN ... -----".'
  if (label === 'CERTIFICATE') return 'is a certificate, which is no secret: take the private key.'
  if (label.includes('PUBLIC')) return 'is a public key, which is no secret: take the private key.'
  if (!privateLabels.includes(label)) return 'must be a private key.'
  if (lines.at(-1) !== `-----END ${label}-----`) return 'must end with the "-----END" line of the same key.'
  // Older keys have headers, each with a colon, and then an empty line.
  const body = lines
    .slice(1, -1)
    .filter((line) => !line.includes(':'))
    .join('')
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(body)) return 'must have only base64 between its first and last line.'
  return body.length < 4 * Math.ceil(minKeyBytes / 3) ? 'must have at least 32 bytes.' : undefined
}

export const jwtKeyPreset: KnownPreset = {
  preset: textPreset({
    id: 'jwt-key',
    title: 'JWT signing key',
    type: 'jwt_secret',
    docsUrl: 'https://www.rfc-editor.org/rfc/rfc7518#section-3.2',
    suggestedName: 'jwt_key',
    label: 'Key',
    hint: 'At least 32 random bytes as text, or a private key in PEM.',
    placeholder: '32 random bytes or more',
    find: findFault,
  }),
  looksLike: (value) => privateLabels.some((label) => value.startsWith(`-----BEGIN ${label}-----`)),
}
