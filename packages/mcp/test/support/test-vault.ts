// A vault with two users that ends with the test.
import { onTestFinished } from 'vitest'
import { makeToken, openUserVault, type UserVault } from './user-vault.ts'

export async function userVault(): Promise<UserVault> {
  const opened = await openUserVault({ alice: makeToken(), bob: makeToken() })
  onTestFinished(() => opened.vault.close())
  return opened
}
