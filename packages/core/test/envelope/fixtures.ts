// Keys, contexts and records that the tests of the formats share.
import { createSecretKey, type KeyObject } from 'node:crypto'
import type { KeyScope, StoredSecret } from '../../src/contracts/index.ts'
import { recordEncoding, recordSealHolds, type ValueContext } from '../../src/envelope/index.ts'
import { isVaultError, type VaultErrorCode } from '../../src/errors/index.ts'

export const filled = (length: number, byte: number): Buffer => Buffer.alloc(length, byte)
export const counting = (length: number, from = 0): Buffer => Buffer.from(Array.from({ length }, (_, i) => from + i))

export const vaultId = filled(16, 0xaa)
export const dekBytes = filled(32, 0x22)
export const dek = createSecretKey(dekBytes)
export const dekId = counting(16)
export const context: ValueContext = { vaultId, server: 'default', owner: 'alice', name: 'GITHUB_TOKEN', version: 3 }
export const scope: KeyScope = { vaultId, kind: 'values', server: 'default', owner: 'alice' }
export const kek = createSecretKey(filled(32, 0x11))
export const keyId = 'local:main#7'

/** A salt that counts up from `from`. */
export const fixedSalt = (from: number): Buffer => counting(32, from)

/** The code of the VaultError that `work` throws; `none` when it throws nothing, and other errors pass through. */
export function codeOf(work: () => unknown): VaultErrorCode | 'none' {
  try {
    work()
  } catch (error) {
    if (isVaultError(error)) return error.code
    throw error
  }
  return 'none'
}

/** A TypeError whose message begins with the name of the field. */
export const wrongField = (field: string) => ({
  asymmetricMatch: (error: unknown) => error instanceof TypeError && error.message.startsWith(`${field} must`),
})

/** What `work` throws, where it throws. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

export const record: StoredSecret = {
  id: '8c5b4a52-9a43-4d6e-8f6e-1f7f0e6d2c11',
  ref: { owner: 'alice', server: 'default', name: 'GITHUB_TOKEN' },
  revision: 5,
  currentVersion: 3,
  state: 'active',
  type: 'api_key',
  tier: 1,
  description: 'for CI',
  tags: ['ci', 'prod'],
  expiresAt: new Date('2031-02-03T04:05:06.789Z'),
  createdAt: new Date('2026-01-02T03:04:05.006Z'),
  updatedAt: new Date('2026-01-03T00:00:00.000Z'),
  lastUsedAt: new Date('2026-01-04T00:00:00.000Z'),
  useCount: 9,
  dekId: '000102030405060708090a0b0c0d0e0f',
  mac: new Uint8Array(),
  managed: Buffer.from('7b7d', 'hex'),
  grants: [
    {
      principal: 'bob',
      permission: 'read',
      grantedBy: 'alice',
      grantedAt: new Date('2026-01-02T00:00:00.000Z'),
      deploymentId: 'web-1',
    },
    { principal: 'carol', permission: 'admin', grantedBy: 'bob', grantedAt: new Date('2026-01-02T00:00:01.000Z') },
  ],
  versions: [
    {
      version: 2,
      encoding: 'bytes',
      state: 'retired',
      commitment: filled(32, 0x01),
      createdAt: new Date('2026-01-02T03:04:05.006Z'),
      createdBy: 'alice',
    },
    {
      version: 3,
      encoding: 'text',
      state: 'active',
      commitment: filled(32, 0x02),
      createdAt: new Date('2026-01-02T03:04:06.000Z'),
      createdBy: 'bob',
    },
  ],
}

/** Whether a record carries the seal of its own canonical bytes, as a vault checks it. */
export function holdsFor(sealed: {
  readonly dek: KeyObject
  readonly vaultId: Uint8Array
  readonly record: StoredSecret
}): boolean {
  const encoded = recordEncoding(sealed.vaultId, sealed.record)
  return encoded !== undefined && recordSealHolds({ dek: sealed.dek, encoded, mac: sealed.record.mac })
}
