// Says what a text that is no key looks like. Each answer is a fixed text, so that none of them can show the text.
import { isKnownDefault } from './weak-key.ts'

interface Fault {
  readonly pattern: RegExp
  readonly detail: string
}

const encodings = 'must be a key of 32 bytes in base64url, base64 or hex.'
const quoteIt = 'If it reads name#1:KEY in an .env file, put quotes around it: # begins a comment there.'

// The first that applies is named.
const faults: readonly Fault[] = [
  {
    pattern: /^(?:[A-Za-z]:|~|\.{1,2})?[\\/]/,
    detail: 'must be a key, and looks like a path. MCPVAULT_KEY_FILE and keyFromFile() take the path of a key file.',
  },
  { pattern: /^["']|["']$/, detail: 'must be a key with quotes at both ends, or at neither.' },
  {
    pattern: /\\[nr]$/,
    detail: 'must end with the key, and ends with a backslash and a letter instead of a line break.',
  },
  { pattern: /^0x/i, detail: 'must be a key in hex without 0x before it.' },
  { pattern: /[,;\s]/, detail: 'must be one key, without blanks and commas in it.' },
  { pattern: /^[\w./-]{0,31}#?$/, detail: `${encodings} ${quoteIt}` },
]

/** What is wrong with a text, trimmed, whose key is none. `keyPart` is what stands after its id. */
export function faultOfKeyText(text: string, keyPart: string): string {
  if (isKnownDefault(keyPart))
    return text === keyPart ? `must not be a known default. ${quoteIt}` : 'must not be a known default.'
  return faults.find(({ pattern }) => pattern.test(text))?.detail ?? `${encodings} Make one with generateKey().`
}
