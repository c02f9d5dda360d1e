// What an error of Redis or of its driver means for the caller: come back later, or never.
import { isVaultError, VaultError } from '@mcpvault/core'

/** Replies of a server that stand for its configuration or for a fault of this package; all others pass. */
const final =
  /^(?:NOAUTH|WRONGPASS|NOPERM|WRONGTYPE|CROSSSLOT|ERR (?!.*(?:unknown error|max number of clients))|NOPROTO|EXECABORT)/

/** The error of the contract for whatever was thrown. */
export function storeError(error: unknown): VaultError {
  if (isVaultError(error)) return error
  const message = error instanceof Error ? error.message : ''
  const isReply = error instanceof Error && error.name === 'ReplyError'
  // A reply repeats the command's arguments now and then; its first word says all that a caller may know.
  const cause = isReply ? new Error(`Redis answered ${/^[A-Z]+/.exec(message)?.[0] ?? 'an error'}.`) : error
  return new VaultError('VAULT_STORE_FAILED', { cause, retryable: !(isReply && final.test(message)) })
}

/** The server has no such script: it was restarted, flushed or replaced. */
export function isScriptMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
