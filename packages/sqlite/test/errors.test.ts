// Drivers' errors, in the words of the contract.
import { VaultError } from '@mcpvault/core'
import { describe, expect, test } from 'vitest'
import { isBusy, storeError } from '../src/errors.ts'

const named = (code: string): Error => Object.assign(new Error('x'), { code })
const libsql = (rawCode: number): Error => Object.assign(new Error('x'), { code: 'UNKNOWN_SQLITE_ERROR', rawCode })
const builtIn = (errcode: number): Error => Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode })

describe('isBusy', () => {
  test.each([
    named('SQLITE_BUSY'),
    named('SQLITE_BUSY_SNAPSHOT'),
    named('SQLITE_LOCKED'),
    libsql(5),
    libsql(517),
    builtIn(5),
    builtIn(6),
    builtIn(262),
  ])('%o is a lock', (error) => expect(isBusy(error)).toBe(true))

  test.each([
    named('SQLITE_BUSYBODY'),
    named('SQLITE_FULL'),
    libsql(1),
    builtIn(13),
    new Error('x'),
    'busy',
    undefined,
  ])('%o is none', (error) => expect(isBusy(error)).toBe(false))
})

describe('storeError', () => {
  test.each([
    ['no such table: mcpvault_meta', 'VAULT_STORE_NOT_READY'],
    ['no such column: record', 'VAULT_STORE_NOT_READY'],
    ['no such index: mcpvault_secrets_owner', 'VAULT_STORE_NOT_READY'],
    ['no such function: nope', 'VAULT_STORE_FAILED'],
    ['NOT NULL constraint failed', 'VAULT_STORE_FAILED'],
  ])('%s is %s', (message, code) => {
    const error = storeError(Object.assign(new Error(message), { code: 'SQLITE_ERROR' }))
    expect({ code: error.code, retryable: error.retryable }).toEqual({ code, retryable: false })
  })

  test.each([
    [named('SQLITE_FULL'), true],
    [named('SQLITE_IOERR_FSYNC'), true],
    [builtIn(10), true],
    [libsql(14), true],
    [named('SQLITE_CONSTRAINT'), false],
    [named('SQLITE_CORRUPT'), false],
    [named('SQLITE_READONLY'), false],
    [new TypeError('The database connection is not open'), false],
    ['a thrown string', false],
  ])('%o may be tried again: %s', (cause, retryable) => {
    const error = storeError(cause)
    expect({ code: error.code, retryable: error.retryable }).toEqual({ code: 'VAULT_STORE_FAILED', retryable })
    expect(error.cause).toBe(cause)
  })

  test.each([named('SQLITE_READONLY'), named('SQLITE_READONLY_DBMOVED'), libsql(8), builtIn(1032)])(
    '%o says that the database can only be read',
    (cause) => expect(storeError(cause).detail).toMatch(/can only be read/),
  )

  test('an error of the vault stays what it is', () => {
    const error = new VaultError('VAULT_CONFIG_INVALID')
    expect(storeError(error)).toBe(error)
  })
})
