// Which errors of Redis and of its driver are transient, and which are permanent.
import { isVaultError, VaultError } from '@mcpvault/core'

/** Replies that stand for the server's configuration or for a fault of this package; all others are transient. */
const permanent =
  /^(?:NOAUTH|WRONGPASS|NOPERM|WRONGTYPE|CROSSSLOT|ERR (?!.*(?:unknown error|max number of clients))|NOPROTO|EXECABORT)/

/** The error of the contract for whatever was thrown. */
export function storeError(error: unknown): VaultError {
  if (isVaultError(error)) return error
  const message = error instanceof Error ? error.message : ''
  const isReply = error instanceof Error && error.name === 'ReplyError'
  // A reply may repeat the command's arguments, so only its first word is kept.
  const cause = isReply ? new Error(`Redis answered ${/^[A-Z]+/.exec(message)?.[0] ?? 'an error'}.`) : error
  return new VaultError('VAULT_STORE_FAILED', { cause, retryable: !(isReply && permanent.test(message)) })
}

/** The server has no such script: it was restarted, flushed or replaced. */
export function isScriptMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
