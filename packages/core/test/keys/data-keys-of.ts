// The data keys of one process over a store, with the fingerprints that belong to it.
import type { KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { createDataKeys, createKeyFingerprints, type DataKeyLimits, type DataKeys } from '../../src/keys/index.ts'
import type { Clock } from '../../src/time/index.ts'

export interface Parts {
  readonly provider: KeyProvider
  readonly store: Pick<VaultStore, 'dataKeys' | 'meta'>
  readonly vaultId: Uint8Array
  readonly clock: Clock
  readonly limits: DataKeyLimits
  readonly onGenerated?: (key: { readonly id: string }) => void
}

export function dataKeysOf({ store, ...parts }: Parts): DataKeys {
  const fingerprints = createKeyFingerprints({ ...parts, meta: store.meta })
  return createDataKeys({ ...parts, store: store.dataKeys, fingerprints })
}
