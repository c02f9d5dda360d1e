// Tells the calls of this process that wait for a link, and the clients that opened one, that it is done.
import type { Clock } from '@mcpvault/core'

export interface Completions {
  /** Calls `listener` once when the link is done. What is given back forgets it, and so does the time. */
  on(id: string, options: { readonly ttlMs: number; readonly listener: () => void }): () => void
  complete(id: string): void
}

/** The oldest are forgotten: they then look by themselves, or the user tells the client. */
const maxListeners = 10_000

export function createCompletions(clock: Clock): Completions {
  const listeners = new Set<{ readonly id: string; readonly tell: () => void; readonly forget: () => void }>()
  return {
    on(id, { ttlMs, listener }) {
      const forget = (): void => {
        listeners.delete(entry)
        cancel()
      }
      const entry = { id, tell: listener, forget }
      const cancel = clock.schedule(forget, ttlMs)
      listeners.add(entry)
      const [oldest] = listeners
      if (listeners.size > maxListeners) oldest?.forget()
      return forget
    },
    complete(id) {
      for (const each of [...listeners]) {
        if (each.id !== id) continue
        each.forget()
        each.tell()
      }
    },
  }
}
