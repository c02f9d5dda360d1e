// The private half of a recovery key as 24 English words (BIP-39), which a person can write down and read out.

import { VaultError } from '@mcpvault/core'
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { privateKeyBytes, privateKeyText } from './private-key.ts'

/**
 * The words of a private half, in lower case with blanks between them. The last word has a checksum of 8 bits. Throws
 * `VAULT_CONFIG_INVALID` for a text that is no private half.
 *
 * @example
 * console.log(recoveryWords(privateKey)) // print it, and do not keep it in a file
 */
export function recoveryWords(privateKey: string): string {
  const bytes = privateKeyBytes(privateKey)
  try {
    return entropyToMnemonic(bytes, wordlist)
  } finally {
    bytes.fill(0)
  }
}

/**
 * The private half of 24 words. Blanks, line ends and capitals do not matter. Throws `VAULT_CONFIG_INVALID` when a word is
 * none of the list, and says which by its place; when there are not 24; and when they do not fit together.
 *
 * @example
 * const keys = multiProvider({ primary: newKeys, recovery: [recoveryOpener(recoveryFromWords(words))] })
 */
export function recoveryFromWords(words: string): string {
  if (typeof words !== 'string') throw new TypeError('words must be a string')
  const list = words.trim().toLowerCase().split(/\s+/)
  if (list.length !== 24) throw invalidWords(`must be 24 words, and are ${list.length}.`)
  const unknown = list.findIndex((word) => !wordlist.includes(word))
  if (unknown !== -1) throw invalidWords(`must be words of the English list of BIP-39; word ${unknown + 1} is not.`)
  return privateKeyText(entropyOf(list))
}

function entropyOf(list: readonly string[]): Uint8Array {
  try {
    return mnemonicToEntropy(list.join(' '), wordlist)
  } catch {
    throw invalidWords('must fit together: a word is wrong, or two have changed places.')
  }
}

function invalidWords(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'words', detail })
}
