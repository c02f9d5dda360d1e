// The health of the vault for somebody who is not signed in: ok or not, and looked at no more often than it must be.
import type { HandlerConfig } from './options.ts'

const freshMs = 5_000

/** Whether the vault works; undefined where the host does not want to tell strangers. */
export function anonymousHealth({
  vault,
  healthAs,
}: Pick<HandlerConfig, 'vault' | 'healthAs'>): (() => Promise<boolean>) | undefined {
  if (healthAs === undefined) return undefined
  let last: { readonly ok: Promise<boolean>; readonly atMs: number } | undefined
  return () => {
    const nowMs = performance.now()
    // Anybody may ask, so that many questions must not be many looks.
    if (last === undefined || nowMs - last.atMs > freshMs) {
      const look = vault.operator(healthAs).health()
      last = { atMs: nowMs, ok: look.then(({ ok }) => ok).catch(() => false) }
    }
    return last.ok
  }
}
