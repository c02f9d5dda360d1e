// What every KMS must give: the same tests run against each.
import { createHash } from 'node:crypto'
import { isVaultError, type KeyProvider, parseWrappedKey } from '@mcpvault/core'
import { codeOf } from '@mcpvault/testkit/vaults'
import { expect, it } from 'vitest'
import { newDekId, scope } from './endpoints.ts'

/** Two keys and an alias of a KMS, and providers on them. */
export interface KmsSetting {
  readonly keys: readonly [string, string]
  provider(keyId: string, previousKeyIds?: readonly string[]): KeyProvider
  /** Points an alias to a key. Returns its ARN. */
  alias(keyArn: string): Promise<string>
}

export function wrapCases(setting: () => KmsSetting): void {
  it('makes a data key in KMS, and opens its wrap', async () => {
    const [key] = setting().keys
    const provider = setting().provider(key)
    const dekId = newDekId()
    const { dek, wraps } = (await provider.generate?.({ dekId, scope })) ?? { dek: new Uint8Array(), wraps: [] }
    const [record = new Uint8Array()] = wraps
    expect(parseWrappedKey(record)).toMatchObject({ wrapType: 'aws-kms', keyId: key, kekVersion: 0 })
    expect(dek).toHaveLength(32)
    expect(Buffer.from(await provider.unwrap(record, scope))).toEqual(Buffer.from(dek))
  })

  it('wraps a data key that exists', async () => {
    const provider = setting().provider(setting().keys[0])
    const dek = createHash('sha256').update('a data key').digest()
    const [record = new Uint8Array()] = await provider.wrap({ dekId: newDekId(), dek, scope })
    expect(Buffer.from(await provider.unwrap(record, scope))).toEqual(dek)
  })

  it.each([
    ['owner', { ...scope, owner: 'bob' }],
    ['server', { ...scope, server: 'gitlab' }],
    ['vault', { ...scope, vaultId: Buffer.alloc(16, 7) }],
    ['kind', { ...scope, kind: 'audit' as const, server: '', owner: '' }],
  ])('does not open a wrap for another %s', async (_what, other) => {
    const provider = setting().provider(setting().keys[0])
    const [record = new Uint8Array()] = await provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })
    const error = await Promise.resolve(provider.unwrap(record, other)).catch((thrown: unknown) => thrown)
    expect(isVaultError(error) ? error.code : provider.classify?.(error)).toBe('integrity')
  })

  it('does not open a wrap whose ciphertext was altered', async () => {
    const provider = setting().provider(setting().keys[0])
    const [record = new Uint8Array()] = await provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })
    const altered = Uint8Array.from(record, (byte, index) => (index === record.length - 1 ? byte ^ 1 : byte))
    const error = await Promise.resolve(provider.unwrap(altered, scope)).catch((thrown: unknown) => thrown)
    expect(provider.classify?.(error)).toBe('integrity')
  })

  it('rewraps inside KMS to another key, and leaves a wrap under the current key as it is', async () => {
    const [oldKey, newKey] = setting().keys
    const dek = createHash('sha256').update('another data key').digest()
    const [record = new Uint8Array()] = await setting().provider(oldKey).wrap({ dekId: newDekId(), dek, scope })
    const provider = setting().provider(newKey, [oldKey])
    const [moved = new Uint8Array()] = (await provider.rewrap?.([record], scope)) ?? []
    expect(parseWrappedKey(moved).keyId).toBe(newKey)
    expect(parseWrappedKey(moved).keyCheckValue).toEqual(parseWrappedKey(record).keyCheckValue)
    expect(Buffer.from(await provider.unwrap(moved, scope))).toEqual(dek)
    expect(await provider.rewrap?.([moved], scope)).toEqual([moved])
  })

  it('stores the ARN of the key, never of the alias, and opens old wraps after the alias has moved', async () => {
    const [oldKey, newKey] = setting().keys
    const alias = await setting().alias(oldKey)
    const provider = setting().provider(alias)
    const wrap = async (): Promise<Uint8Array> =>
      (await provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope }))[0] ?? new Uint8Array()
    const before = await wrap()
    expect(parseWrappedKey(before).keyId).toBe(oldKey)
    expect([...(await provider.currentKeyIds())]).toEqual([oldKey])
    await setting().alias(newKey)
    expect(parseWrappedKey(await wrap()).keyId).toBe(newKey)
    expect([...(await provider.currentKeyIds())]).toEqual([newKey])
    expect(Buffer.from(await provider.unwrap(before, scope))).toEqual(Buffer.alloc(32))
  })

  it('does not ask KMS for a key that is none of its own', async () => {
    const [mine, other] = setting().keys
    const [record = new Uint8Array()] = await setting()
      .provider(other)
      .wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })
    expect(await codeOf(Promise.resolve(setting().provider(mine).unwrap(record, scope)))).toBe('VAULT_KEY_UNKNOWN')
  })
}
