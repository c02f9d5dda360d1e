// A key provider whose current key a test replaces while vaults use it.
import { generateKey, type KeyProvider, keyRing } from '@mcpvault/core'

/** A key provider whose current key changes while vaults use it. */
export function rotatingKeys(): { readonly provider: KeyProvider; readonly newRing: KeyProvider; rotate(): void } {
  const keys = { 'main#1': generateKey(), 'main#2': generateKey() }
  const rings = [keyRing({ current: 'main#1', keys }), keyRing({ current: 'main#2', keys })] as const
  let ring = rings[0]
  const provider: KeyProvider = {
    id: ring.id,
    currentKeyIds: () => ring.currentKeyIds(),
    wrap: (request, options) => ring.wrap(request, options),
    unwrap: (record, scope, options) => ring.unwrap(record, scope, options),
  }
  return {
    provider,
    newRing: keyRing({ current: 'main#2', keys: { 'main#2': keys['main#2'] } }),
    rotate() {
      ring = rings[1]
    },
  }
}
