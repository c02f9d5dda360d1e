// The caller's own hook, asked after the rules have allowed: it can only refuse.

import type { AuthorizeHook, AuthorizeRequest } from '../contracts/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'

/** How the hook is asked. */
export interface HookOptions {
  readonly hook: AuthorizeHook | undefined
  readonly clock: Clock
  readonly limitMs: number
  readonly signal: AbortSignal | undefined
}

/** Whether the hook lets an allowed request pass. An error, a late answer and anything but `true` refuse. */
export async function hookAllows(request: AuthorizeRequest, options: HookOptions): Promise<boolean> {
  const { hook, clock, limitMs, signal } = options
  if (hook === undefined) return true
  try {
    const timeoutError = (): Error => new Error('the authorize hook did not answer in time')
    return (await withDeadline({ clock, limitMs, signal, timeoutError }, () => hook(request))) === true
  } catch {
    // An aborted call throws its signal's reason; every other failure of the hook is a refusal.
    signal?.throwIfAborted()
    return false
  }
}
