// Why a declared secret cannot be used, and the sentences that say what to do about it.
import { isVaultError, type RequireReport } from '@mcpvault/core'
import { type McpVaultError, type MissingReason, type MissingSecret, mcpVaultError } from './errors.ts'

/** Says for a missing secret how to store it, such as the address of a settings page. */
export type HowToStore = string | ((missing: MissingSecret) => string)

export interface MissingTextOptions {
  readonly principalId: string
  readonly howToStore?: HowToStore | undefined
}

/** One error for all of them: the message has a line for each. */
export function missingError(missing: readonly MissingSecret[], options: MissingTextOptions): McpVaultError {
  const lines = missing.map((each) => `- ${lineOf(each, options)}`)
  const head = missing.length === 1 ? 'A secret cannot be used:' : `${missing.length} secrets cannot be used:`
  return mcpVaultError('MCP_SECRET_MISSING', { message: [head, ...lines].join('\n'), missing })
}

function lineOf(missing: MissingSecret, { principalId, howToStore }: MissingTextOptions): string {
  const { owner, server, name, reason } = missing
  // Whose it is the caller knows; an owner that does not exist gets the same words.
  const whose = owner === principalId ? '' : ', of another user'
  const advice = typeof howToStore === 'function' ? howToStore(missing) : howToStore
  const what = sentences[reason](missing, owner === principalId ? 'own' : 'shared')
  return `"${name}" for the server "${server}"${whose}: ${what}${advice === undefined ? '' : ` ${advice}`}`
}

type Whose = 'own' | 'shared'

const sentences: Readonly<Record<MissingReason, (missing: MissingSecret, whose: Whose) => string>> = {
  missing: (_missing, whose) =>
    whose === 'own'
      ? 'there is none. Store it in the vault under this server and name, then try again.'
      : 'there is none that you may use. Its owner can store and share it.',
  expired: () => 'it has expired. Store a new value, or set a later expiry.',
  inactive: () => 'it is inactive. Activate it first.',
  forbidden: () => 'you may not read it. Its owner can share it with the permission to read.',
  malformed: ({ fields }) =>
    fields === undefined || fields.length === 0
      ? 'it is not of the kind that is needed. Store it again.'
      : `it needs other fields than it has: ${fields.map((field) => `"${field}"`).join(', ')}. Store it again.`,
  untrusted: () => 'it was altered in the store, or put back. Store it again.',
}

/** The reason behind an error of the vault, or undefined for an error that is not about the one secret. */
export function reasonOf(error: unknown): MissingReason | undefined {
  if (isVaultError(error, 'VAULT_EXPIRED')) return 'expired'
  if (isVaultError(error, 'VAULT_INACTIVE')) return 'inactive'
  if (isVaultError(error, 'VAULT_ACCESS_DENIED')) return 'forbidden'
  if (isVaultError(error, 'VAULT_OPEN_FAILED') || isVaultError(error, 'VAULT_ROLLBACK_SUSPECTED')) return 'untrusted'
  return undefined
}

/** The reason that a report has for a name, or undefined when it can be used. */
export function reasonIn(report: RequireReport, name: string): MissingReason | undefined {
  const reasons = ['missing', 'expired', 'inactive', 'forbidden', 'malformed', 'untrusted'] as const
  return reasons.find((reason) => report[reason].includes(name))
}
