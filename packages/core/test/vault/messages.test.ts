// What a mistake is answered with: the message names the field, and says what it must be.

import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { createVault } from '../../src/create-vault.ts'

const { keys, store, scope } = testVault()
const github = scope('alice')

/** Calls with what the types would not let pass. */
function create(options: unknown): unknown {
  return Reflect.apply(createVault, undefined, [{ keys, store, ...Object(options) }])
}

const configured: readonly (readonly [unknown, string])[] = [
  [{ audit: { store: 'no' } }, 'audit.store must be a boolean.'],
  [{ audit: { mode: 'off' } }, "audit.mode must be 'required', 'buffered' or 'dangerously-off'."],
  [{ audit: { onAlarm: 1 } }, 'audit.onAlarm must be a function.'],
  [{ audit: { sinks: [{}] } }, 'audit.sinks must have the functions write.'],
  [{ tiers: { 1: { keyNotCached: 1 } } }, 'tiers.1.keyNotCached must be a boolean.'],
  [{ tiers: { 4: {} } }, 'tiers must have no keys but 1, 2 and 3.'],
  [{ limits: { versions: 0 } }, 'limits.versions must be an integer from 1 to 100.'],
  [{ store: { ...store, locks: undefined } }, 'store.locks must be an object.'],
  [{ policy: { roles: { reader: {} } } }, 'policy.roles must have an array of rules for each role.'],
  [{ cache: true }, 'options.cache is not a known option.'],
]

describe('a message of createVault', () => {
  it.each(configured)('to %j ends in: %s', (options, ending) => {
    expect(() => create(options)).toThrow(`The vault is configured wrongly: ${ending}`)
  })
})

const called: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ['an empty name', () => github.get(''), 'A name or a part of the context is not valid: name must not be empty.'],
  ['a name with a slash', () => github.get('a/b'), 'name must have no "/", "*" or "@".'],
  ['an empty value', () => github.set('a', ''), 'value must not be empty.'],
  ['a version 0', () => github.get('a', { version: 0 }), 'version must be 1 or more.'],
  ['a page of 0', () => github.list({ limit: 0 }), 'limit must be from 1 to 1,000.'],
  ['a past expiry', () => github.set('a', 'b', { expiresAt: new Date(0) }), 'expiresAt must be in the future.'],
  ['a lost race', () => github.set('a', 'b', { ifVersion: 1 }), 'ifVersion must be the current version, or 0'],
]

describe('a message of a verb', () => {
  it.each(called)('to %s names the field', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message)
  })
})
