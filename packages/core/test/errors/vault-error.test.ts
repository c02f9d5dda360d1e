// Errors: stable codes, fixed sentences, nothing of a value, recognised across copies of the package.
import { describe, expect, it } from 'vitest'
import { isVaultError, VaultError, vaultErrorCodes } from '../../src/errors/index.ts'

describe('VaultError', () => {
  it('has these codes and no others', () => {
    expect(vaultErrorCodes).toEqual([
      'VAULT_ACCESS_DENIED',
      'VAULT_AUDIT_FAILED',
      'VAULT_CLOSED',
      'VAULT_CONFIG_INVALID',
      'VAULT_CONFLICT',
      'VAULT_ENVELOPE_INVALID',
      'VAULT_ENVELOPE_UNSUPPORTED',
      'VAULT_EXPIRED',
      'VAULT_INACTIVE',
      'VAULT_KEY_DENIED',
      'VAULT_KEY_MISMATCH',
      'VAULT_KEY_UNAVAILABLE',
      'VAULT_KEY_UNKNOWN',
      'VAULT_LOCKED_DOWN',
      'VAULT_NOT_SUPPORTED',
      'VAULT_NO_CREDENTIAL',
      'VAULT_NO_KEY',
      'VAULT_OPEN_FAILED',
      'VAULT_REF_INVALID',
      'VAULT_RENEWAL_FAILED',
      'VAULT_ROLLBACK_SUSPECTED',
      'VAULT_SIGN_IN_REQUIRED',
      'VAULT_STORE_FAILED',
      'VAULT_STORE_NOT_READY',
      'VAULT_VALUE_INVALID',
    ])
  })

  it('says of each code whether trying again can help', () => {
    const retryable = vaultErrorCodes.filter((code) => new VaultError(code).retryable)
    expect(retryable).toEqual([
      'VAULT_AUDIT_FAILED',
      'VAULT_CONFLICT',
      'VAULT_KEY_UNAVAILABLE',
      'VAULT_RENEWAL_FAILED',
      'VAULT_STORE_FAILED',
    ])
    expect(new VaultError('VAULT_STORE_FAILED', { retryable: false }).retryable).toBe(false)
  })

  it.each(vaultErrorCodes)('%s has a sentence that ends', (code) =>
    expect(new VaultError(code).message).toMatch(/^[A-Z].+\.$/),
  )

  it('[A34] names the variable and the command when there is no key', () => {
    const { message } = new VaultError('VAULT_NO_KEY')
    expect(message).toContain('No encryption key found')
    expect(message).toContain('MCPVAULT_KEY')
    expect(message).toContain('generateKey()')
    expect(message).toContain(`node -p "crypto.randomBytes(32).toString('base64url')"`)
  })

  it.each([
    [{}, 'The vault is configured wrongly.'],
    [{ detail: 'Two keys are one.' }, 'The vault is configured wrongly. Two keys are one.'],
    [{ field: 'audit.store' }, 'The vault is configured wrongly: audit.store.'],
    [
      { field: 'audit.store', detail: 'must be a boolean.' },
      'The vault is configured wrongly: audit.store must be a boolean.',
    ],
    [{ field: 'keys', detail: 'Two keys are one.' }, 'The vault is configured wrongly: keys. Two keys are one.'],
    [{ field: 'no name: s3cret', detail: 'is unknown.' }, 'The vault is configured wrongly: an option is unknown.'],
  ])('says which field is wrong, and what it must be: %j', (details, message) => {
    expect(new VaultError('VAULT_CONFIG_INVALID', details).message).toBe(message)
  })

  it.each([
    [{}, 'The store failed. The outcome of a write is unknown.'],
    [{ retryable: false }, 'The store failed.'],
    [{ detail: 'Nothing was written.' }, 'The store failed. Nothing was written.'],
    [{ detail: 'The store is closed.', retryable: false }, 'The store failed. The store is closed.'],
  ])('says of a store that the outcome is unknown only where nothing more is known: %j', (details, message) => {
    expect(new VaultError('VAULT_STORE_FAILED', details).message).toBe(message)
    expect(new VaultError('VAULT_STORE_FAILED', details).detail).toBe('detail' in details ? details.detail : undefined)
  })

  it('carries facts in fields, frozen, and the detail in the message', () => {
    const ref = { owner: 'alice', server: 'github', name: 'token' }
    const error = new VaultError('VAULT_REF_INVALID', {
      detail: 'must not be empty.',
      field: 'name',
      ref,
      keyId: 'main#1',
      cause: 'why',
    })
    expect(error).toMatchObject({
      name: 'VaultError',
      detail: 'must not be empty.',
      field: 'name',
      ref,
      keyId: 'main#1',
      cause: 'why',
    })
    expect(error.message).toMatch(/must not be empty\.$/)
    expect(Object.isFrozen(error.ref)).toBe(true)
    expect(error.ref).not.toBe(ref)
    expect(error).toBeInstanceOf(Error)
  })

  it('is JSON without stack, cause or absent facts', () => {
    const error = new VaultError('VAULT_EXPIRED', { cause: new Error('canary') })
    const json = JSON.stringify(error)
    expect(JSON.parse(json)).toEqual({
      name: 'VaultError',
      code: 'VAULT_EXPIRED',
      message: error.message,
      retryable: false,
    })
    expect(json).not.toContain('canary')
  })

  it('never tells why an opening failed', () => {
    expect(new VaultError('VAULT_OPEN_FAILED', { cause: new Error('tag') })).not.toHaveProperty('cause')
    expect(new VaultError('VAULT_CLOSED')).not.toHaveProperty('cause')
  })
})

describe('isVaultError', () => {
  it('knows its own, of a code or any', () => {
    const error = new VaultError('VAULT_EXPIRED')
    expect(isVaultError(error)).toBe(true)
    expect(isVaultError(error, 'VAULT_EXPIRED')).toBe(true)
    expect(isVaultError(error, 'VAULT_CLOSED')).toBe(false)
  })

  it('knows those of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'VAULT_EXPIRED', [Symbol.for('mcpvault.VaultError')]: true })
    expect(isVaultError(foreign, 'VAULT_EXPIRED')).toBe(true)
  })

  it('knows nothing else', () => {
    for (const other of [new Error('x'), { code: 'VAULT_EXPIRED' }, null, undefined, 'VAULT_EXPIRED', 1]) {
      expect(isVaultError(other)).toBe(false)
    }
    expect(isVaultError({ [Symbol.for('mcpvault.VaultError')]: true }, 'VAULT_EXPIRED')).toBe(false)
  })
})
