// The names of sign-ins under way, which stand among the secrets of a server.
import { createHash } from 'node:crypto'

/** The names in a vault do not say the state. */
export function pendingName(state: string): string {
  return `sign-in-${createHash('sha256').update(state).digest('base64url')}`
}

/** Whether a secret is a sign-in under way, which no program asks for. */
export function isPendingName(name: string): boolean {
  return /^sign-in-[\w-]{43}$/.test(name)
}
