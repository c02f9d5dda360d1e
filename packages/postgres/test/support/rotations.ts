// How each kind of master key is rotated, and how the old one is taken away.
import { randomBytes } from 'node:crypto'
import { generateKey } from '@mcpvault/core'
import type { StoredBao } from '@mcpvault/testkit'
import type { KmsEndpoint } from '@mcpvault/testkit/kms'
import type { DrillKeys } from './drill-keys.ts'

/** The keys of a vault at each step of a rotation. */
export interface Rotation {
  readonly before: DrillKeys
  /** Makes the new key; the answer wraps with it and opens both. */
  rotate(): Promise<DrillKeys>
  /** Takes the old key away; the answer has the new one alone. */
  retire(): Promise<DrillKeys>
}

/** Keys that the processes have. */
export function ringRotation(): Rotation {
  const [older, newer] = [generateKey(), generateKey()]
  return {
    before: { kind: 'ring', current: 'main#1', keys: { 'main#1': older } },
    rotate: async () => ({ kind: 'ring', current: 'main#2', keys: { 'main#1': older, 'main#2': newer } }),
    retire: async () => ({ kind: 'ring', current: 'main#2', keys: { 'main#2': newer } }),
  }
}

/** Another key of KMS; the old one is scheduled for deletion, and opens nothing from then on. */
export function kmsRotation(endpoint: KmsEndpoint): Rotation {
  const [older, newer] = [endpoint.createKey(), endpoint.createKey()]
  const { accessKeyId, secretAccessKey } = endpoint.credentials
  const at = {
    kind: 'kms',
    url: endpoint.url,
    region: endpoint.region,
    credentials: { accessKeyId, secretAccessKey },
  } as const
  return {
    before: { ...at, keyId: older, previousKeyIds: [] },
    rotate: async () => ({ ...at, keyId: newer, previousKeyIds: [older] }),
    async retire() {
      endpoint.setState(older, 'PendingDeletion')
      return { ...at, keyId: newer, previousKeyIds: [] }
    },
  }
}

/** Another version of a transit key; the server refuses the first one in the end. */
export async function transitRotation(bao: StoredBao): Promise<Rotation> {
  const mount = `transit-${randomBytes(4).toString('hex')}`
  await bao.call('POST', `sys/mounts/${mount}`, { type: 'transit' })
  await bao.call('POST', `${mount}/keys/mcpvault`, { derived: true })
  const keys = { kind: 'transit', url: bao.url, token: bao.token, mount } as const
  return {
    before: keys,
    async rotate() {
      await bao.call('POST', `${mount}/keys/mcpvault/rotate`)
      return keys
    },
    async retire() {
      await bao.call('POST', `${mount}/keys/mcpvault/config`, { min_decryption_version: 2 })
      return keys
    },
  }
}
