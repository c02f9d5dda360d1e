// What plain JavaScript passes to the codecs and to copyVault: a wrong type throws TypeError and names its field.

import { describe, expect, it } from 'vitest'
import * as adapter from '../../src/adapter/index.ts'
import * as core from '../../src/index.ts'
import { fullSecret, recordingStore, sampleGrant, sampleVersion } from '../../src/testing/index.ts'

const wrong: readonly unknown[] = [
  undefined,
  null,
  1,
  Number.NaN,
  true,
  'text',
  {},
  Symbol('x'),
  () => 'x',
  new Date(Number.NaN),
]
const isBytes = (value: unknown): boolean => value instanceof Uint8Array

/** Calls a function with arguments of any shape: wrong shapes are the point here. */
function errorOf(fn: unknown, ...given: readonly unknown[]): Error {
  if (typeof fn !== 'function') throw new Error('no function')
  try {
    Reflect.apply(fn, undefined, given)
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}

function expectNamed(error: Error, field: string): void {
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message.startsWith(`${field} must be`), error.message).toBe(true)
}

describe('a record to encode', () => {
  // Each field, and the values of the wrong types above that it takes all the same.
  const fields: readonly (readonly [string, readonly unknown[]])[] = [
    ['id', ['text']],
    ['revision', [1]],
    ['currentVersion', [1]],
    ['state', []],
    ['type', ['text']],
    ['tier', [1]],
    ['createdAt', []],
    ['updatedAt', []],
    ['dekId', ['text']],
    ['mac', []],
    ['managed', []],
    ['tags', []],
    ['grants', []],
    ['versions', []],
    ['description', ['text', undefined]],
    ['expiresAt', [undefined]],
  ]
  it.each(fields)('is refused with a wrong %s', (field, taken) => {
    for (const value of wrong.filter((each) => !taken.includes(each))) {
      expectNamed(errorOf(adapter.encodeSecretRecord, { ...fullSecret(), [field]: value }), `record.${field}`)
    }
  })

  it('is refused with a wrong entry of a list, or a hole in it', () => {
    const refused = (part: object, field: string) =>
      expectNamed(errorOf(adapter.encodeSecretRecord, { ...fullSecret(), ...part }), field)
    const holes: unknown[] = ['ci']
    holes[2] = 'web'
    refused({ tags: holes }, 'record.tags')
    refused({ grants: [undefined] }, 'record.grants')
    refused({ grants: [{ ...sampleGrant(), permission: 'all' }] }, 'record.grants.permission')
    refused({ grants: [{ ...sampleGrant(), deploymentId: null }] }, 'record.grants.deploymentId')
    refused({ versions: [{ ...sampleVersion(), commitment: 'text' }] }, 'record.versions.commitment')
    refused({ versions: [{ ...sampleVersion(), encoding: 'json' }] }, 'record.versions.encoding')
    expectNamed(errorOf(adapter.encodeSecretRecord), 'record')
  })
})

describe('bytes and text to encode or decode', () => {
  const parts = {
    wrapType: 'local',
    dekId: new Uint8Array(16),
    keyCheckValue: new Uint8Array(16),
    kekId: 'main',
    kekVersion: 1,
    wrapped: new Uint8Array(112),
  }
  const columns = { ref: { owner: 'a', server: 'b', name: 'c' }, id: 'x', revision: 1, createdAtMs: 1, useCount: 0 }
  const calls: readonly (readonly [string, string, (value: unknown) => Error, readonly unknown[]])[] = [
    ['decodeSecretRecord', 'bytes', (v) => errorOf(adapter.decodeSecretRecord, v, columns), [undefined, null]],
    ['decodeSecretRecord', 'columns', (v) => errorOf(adapter.decodeSecretRecord, null, v), []],
    ['encodeBytesList', 'items', (v) => errorOf(adapter.encodeBytesList, [v]), []],
    ['decodeBytesList', 'bytes', (v) => errorOf(adapter.decodeBytesList, v), []],
    ['decodeWraps', 'bytes', (v) => errorOf(adapter.decodeWraps, v), []],
    ['encodeManaged', 'entries', (v) => errorOf(core.encodeManaged, v), []],
    ['encodeManaged', 'entries', (v) => errorOf(core.encodeManaged, new Map([['hosts', v]])), []],
    ['encodeManaged', 'entries', (v) => errorOf(core.encodeManaged, new Map([[v, new Uint8Array(1)]])), ['text']],
    ['decodeManaged', 'bytes', (v) => errorOf(core.decodeManaged, v), []],
    ['encodeTextEnvelope', 'envelope', (v) => errorOf(core.encodeTextEnvelope, v), []],
    ['decodeTextEnvelope', 'text', (v) => errorOf(core.decodeTextEnvelope, v), ['text']],
    ['parseWrappedKey', 'bytes', (v) => errorOf(core.parseWrappedKey, v), []],
    ['encodeWrappedKey', 'dekId', (v) => errorOf(core.encodeWrappedKey, { ...parts, dekId: v }), []],
    ['encodeWrappedKey', 'keyCheckValue', (v) => errorOf(core.encodeWrappedKey, { ...parts, keyCheckValue: v }), []],
    ['encodeWrappedKey', 'kekId', (v) => errorOf(core.encodeWrappedKey, { ...parts, kekId: v }), ['text']],
    ['encodeWrappedKey', 'kekVersion', (v) => errorOf(core.encodeWrappedKey, { ...parts, kekVersion: v }), [1]],
    ['encodeWrappedKey', 'wrapped', (v) => errorOf(core.encodeWrappedKey, { ...parts, wrapped: v }), []],
    ['derivePurposeKey', 'master', (v) => errorOf(core.derivePurposeKey, v, { purpose: 'x', version: 1 }), []],
    [
      'derivePurposeKey',
      'purpose',
      (v) => errorOf(core.derivePurposeKey, new Uint8Array(32), { purpose: v, version: 1 }),
      ['text'],
    ],
  ]
  it.each(calls)('are refused by %s as %s', (_, field, call, taken) => {
    for (const value of wrong.filter((each) => !taken.includes(each) && !isBytes(each))) {
      // An object without fields is one, and its first field is named.
      const named = field === 'columns' && typeof value === 'object' && value !== null ? 'columns.ref' : field
      expectNamed(call(value), named)
    }
  })
})

describe('copyVault', () => {
  const failureOf = async (options: unknown): Promise<Error> =>
    Reflect.apply(core.copyVault, undefined, [options]).then(
      () => new Error('nothing was thrown'),
      (error: Error) => error,
    )

  it('names an option of a wrong type before anything is read or written', async () => {
    const from = recordingStore(core.memoryStore())
    const to = recordingStore(core.memoryStore())
    const plain = core.memoryStore()
    for (const value of [undefined, null, 1, 'text', () => 'x']) expectNamed(await failureOf(value), 'options')
    for (const value of [undefined, null, 1, 'text', Promise.resolve(to)]) {
      expectNamed(await failureOf({ from: value, to }), 'from')
      expectNamed(await failureOf({ from, to: value }), 'to')
    }
    expectNamed(await failureOf({ from, to: { ...to, meta: undefined } }), 'to.meta')
    expectNamed(await failureOf({ from, to: { ...plain, secrets: { ...plain.secrets, put: 1 } } }), 'to.secrets.put')
    expectNamed(await failureOf({ from, to, onProgress: 'text' }), 'onProgress')
    expectNamed(await failureOf({ from, to, signal: {} }), 'signal')
    expect([...from.calls, ...to.calls]).toEqual([])
  })

  it('takes no unknown option, and no store twice', async () => {
    const [from, to] = [core.memoryStore(), core.memoryStore()]
    const refused = { code: 'VAULT_CONFIG_INVALID' }
    expect(await failureOf({ from, to, onProgres: () => {} })).toMatchObject({ ...refused, field: 'onProgres' })
    expect(await failureOf({ from, to: from })).toMatchObject({ ...refused, field: 'to' })
  })
})
