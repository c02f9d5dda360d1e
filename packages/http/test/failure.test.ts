// The answer for an error of the vault: its status, and what a condition in the request makes of it.
import { VaultError, type VaultErrorCode } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { failureAnswer } from '../src/failure.ts'

describe('an error of the vault', () => {
  const cases: readonly (readonly [VaultErrorCode, Record<string, string>, number])[] = [
    ['VAULT_CONFLICT', {}, 409],
    ['VAULT_CONFLICT', { 'if-match': '"7"' }, 412],
    ['VAULT_CONFLICT', { 'if-none-match': '*' }, 412],
    ['VAULT_SIGN_IN_REQUIRED', {}, 409],
    ['VAULT_SIGN_IN_REQUIRED', { 'if-match': '"7"' }, 409],
  ]
  it.each(cases)('%s with %j is %i', (code, headers, status) => {
    const request = new Request('https://app.test/', { headers })
    const answer = failureAnswer(new VaultError(code), { request, correlationId: 'c-1', logger: undefined })
    expect(answer.status).toBe(status)
  })
})
