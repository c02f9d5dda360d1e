// The key providers of the rotation drill, in a form that can be sent to another process.
import { type KeyProvider, keyRing } from '@mcpvault/core'

export type DrillKeys = {
  readonly kind: 'ring'
  readonly current: string
  readonly keys: Readonly<Record<string, string>>
}

export function keysOf({ current, keys }: DrillKeys): KeyProvider {
  return keyRing({ current, keys })
}
