// A vault in memory with two users, each with a token of their own for the server `issues`.
import { randomBytes } from 'node:crypto'
import { createVault, generateKey, keyRing, memoryStore, type Vault } from '@mcpvault/core'

export const users = ['alice', 'bob'] as const
export type User = (typeof users)[number]

export interface UserVault {
  readonly vault: Vault
  readonly tokens: Readonly<Record<User, string>>
  readonly account: Readonly<Record<'user' | 'password', string>>
  /** May read the whole trail. */
  readonly auditor: { readonly id: string; readonly roles: readonly string[] }
}

/** Alice also has an `account` for `issues`, with a user and a password. The caller closes the vault. */
export async function openUserVault(tokens: Readonly<Record<User, string>>): Promise<UserVault> {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const policy = { roles: { auditor: [{ allow: ['audit'] as const }] } }
  const vault = createVault({ keys, store: memoryStore(), policy })
  for (const user of users) await vault.as({ id: user }).scope({ server: 'issues' }).set('token', tokens[user])
  const account = { user: 'alice@example.com', password: makeToken() }
  await vault.as({ id: 'alice' }).scope({ server: 'issues' }).set('account', account)
  return { vault, tokens, account, auditor: { id: 'olga', roles: ['auditor'] } }
}

export function makeToken(): string {
  return `canary_${randomBytes(18).toString('base64url')}`
}
