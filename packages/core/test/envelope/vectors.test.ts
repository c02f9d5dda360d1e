// The frozen vectors: bytes that were written once can always be opened, and are still written the same.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { StoredSecret } from '../../src/contracts/index.ts'
import {
  decodeTextEnvelope,
  encodeRecord,
  encodeTextEnvelope,
  keyCheckValue,
  openValue,
  parseSealedValue,
  parseWrappedKey,
  sealRecord,
  unwrapLocal,
} from '../../src/envelope/index.ts'
import { wrapLocalWith } from '../../src/envelope/local-wrap.ts'
import { sealWith } from '../../src/envelope/sealed-value.ts'
import wrappedKeys from '../vectors/mck1.json' with { type: 'json' }
import sealedValues from '../vectors/mcv1.json' with { type: 'json' }
import records from '../vectors/record.json' with { type: 'json' }
import { dek, holdsFor, vaultId } from './fixtures.ts'

describe('frozen vectors', () => {
  it.each(sealedValues.vectors)('[S7][S25] a sealed value opens: $title', (vector) => {
    const { server, owner, name } = vector
    const context = { vaultId: bytes(vector.vaultId), server, owner, name, version: Number(vector.version) }
    const envelope = bytes(vector.envelope)
    expect(openValue({ dek: key(vector.dek), context, envelope }).toString('hex')).toBe(vector.plaintext)
    expect(parseSealedValue(envelope).dekId).toBe(vector.dekId)
    expect(encodeTextEnvelope(envelope)).toBe(vector.text)
    expect(decodeTextEnvelope(vector.text).equals(envelope)).toBe(true)
    const request = { dek: key(vector.dek), dekId: bytes(vector.dekId), context, plaintext: bytes(vector.plaintext) }
    expect(sealWith(request, envelope.subarray(24, 56)).toString('hex')).toBe(vector.envelope)
  })

  it.each(wrappedKeys.vectors)('[S7] a wrapped key unwraps: $title', (vector) => {
    const { server, owner, keyId } = vector
    const kind = vector.kind === 'audit' ? 'audit' : 'values'
    const scope = { vaultId: bytes(vector.vaultId), kind, server, owner } as const
    const record = bytes(vector.record)
    expect(unwrapLocal({ kek: key(vector.kek), record, scope }).toString('hex')).toBe(vector.dek)
    const parsed = parseWrappedKey(record)
    expect(parsed).toMatchObject({ keyId, dekId: vector.dekId })
    expect(parsed.keyCheckValue.toString('hex')).toBe(vector.keyCheckValue)
    expect(keyCheckValue(key(vector.dek), bytes(vector.dekId)).toString('hex')).toBe(vector.keyCheckValue)
    const request = { dek: bytes(vector.dek), dekId: bytes(vector.dekId), scope }
    const rewrapped = wrapLocalWith({ kek: key(vector.kek), keyId, request }, parsed.wrapped.subarray(0, 32))
    expect(rewrapped.equals(record)).toBe(true)
  })

  it.each(records.vectors)('[S7] a record seal holds: $title', (vector) => {
    const record = revive(vector)
    expect(encodeRecord(vaultId, record).toString('hex')).toBe(vector.canonical)
    expect(holdsFor({ dek, vaultId, record })).toBe(true)
    expect(sealRecord({ dek, vaultId, record }).toString('hex')).toBe(vector.mac)
  })
})

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

function key(hex: string): KeyObject {
  return createSecretKey(bytes(hex))
}

function revive({ record, mac }: (typeof records.vectors)[number]): StoredSecret {
  const { description, expiresAt, ...rest } = record
  return {
    ...rest,
    ...(description !== undefined && { description }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    state: oneOf(['active', 'inactive', 'deleted'], rest.state),
    tier: oneOf([1, 2, 3], rest.tier),
    createdAt: new Date(rest.createdAt),
    updatedAt: new Date(0),
    useCount: 0,
    mac: bytes(mac),
    managed: bytes(rest.rotation),
    versions: rest.versions.map((version) => ({
      ...version,
      encoding: oneOf(['text', 'bytes', 'fields'], version.encoding),
      state: oneOf(['active', 'pending', 'retired'], version.state),
      commitment: bytes(version.commitment),
      createdAt: new Date(version.createdAt),
    })),
    grants: rest.grants.map(({ deploymentId, ...grant }) => ({
      ...grant,
      ...(deploymentId !== undefined && { deploymentId }),
      permission: oneOf(['read', 'write', 'admin'], grant.permission),
      grantedAt: new Date(grant.grantedAt),
    })),
  }
}

function oneOf<const T>(allowed: readonly T[], value: unknown): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw new Error('the vector file has an unknown word')
  return found
}
