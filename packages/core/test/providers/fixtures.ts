// Keys and helpers that the tests of the providers share.
import { createHash } from 'node:crypto'
import type { KeyProvider, KeyScope } from '../../src/contracts/index.ts'
import { isVaultError, type VaultError } from '../../src/errors/index.ts'

/** Bytes that look random and are the same in every run. */
export const keyOf = (label: string): Buffer => createHash('sha256').update(label).digest()
export const textOf = (label: string): string => keyOf(label).toString('base64url')

/** What tools leave around a text, each with a function that leaves it. */
export const around: readonly (readonly [string, (text: string) => string])[] = [
  ['a line break', (text) => `${text}\n`],
  ['a carriage return', (text) => `${text}\r\n`],
  ['blanks', (text) => ` \t${text} `],
  ['a byte order mark', (text) => `\uFEFF${text}`],
  ['double quotes', (text) => `"${text}"`],
  ['single quotes and a line break', (text) => `'${text}'\n`],
  ['blanks within quotes', (text) => `" ${text} "`],
]

export const scope: KeyScope = { vaultId: Buffer.alloc(16, 7), kind: 'values', server: 'default', owner: 'alice' }
export const request = { dek: keyOf('dek'), dekId: Buffer.alloc(16, 1), scope }

/** The VaultError that `work` throws or rejects with. */
export async function errorOf(work: () => unknown): Promise<VaultError> {
  try {
    await work()
  } catch (error) {
    if (isVaultError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The key ids that a provider wraps under now, joined by commas. */
export async function currentOf(provider: KeyProvider): Promise<string> {
  return [...(await provider.currentKeyIds())].join(',')
}

/** Wraps with one provider and unwraps with the other, or the same. */
export async function passes(wrapper: KeyProvider, unwrapper: KeyProvider = wrapper): Promise<boolean> {
  const [record] = await wrapper.wrap(request)
  if (record === undefined) return false
  return Buffer.compare(await unwrapper.unwrap(record, scope), request.dek) === 0
}
