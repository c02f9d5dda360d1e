// A call that waits until the user has stored what was asked for: in this process at once, in another by looking.
import type { Link } from './link.ts'
import type { ElicitParts } from './parts.ts'

interface Wait {
  readonly link: Pick<Link, 'id' | 'expiresAtMs'>
  readonly limitMs: number
  /** Aborts when the client cancels and at the time limit of the call; its reason is thrown. */
  readonly signal: AbortSignal
}

export type WaitOutcome = 'stored' | 'waiting' | 'expired'

/** Each look is a read with an event in the trail, so they come seldom. */
const firstLookMs = 1_000
const maxLookMs = 8_000

/** `waiting` after the limit, `expired` when the link is. */
export async function waitUntilStored(parts: ElicitParts, { link, limitMs, signal }: Wait): Promise<WaitOutcome> {
  const { clock } = parts.config
  const startMs = clock.monotonicMs()
  for (let pauseMs = firstLookMs; ; pauseMs = Math.min(pauseMs * 2, maxLookMs)) {
    signal.throwIfAborted()
    // Listening begins before the look, so that nothing is missed between the two.
    const pause = pauseUntilDone(parts, { id: link.id, pauseMs: Math.min(pauseMs, leftMs()), signal })
    try {
      if ((await parts.state.stateOf(link.id, signal)) === 'stored') return 'stored'
      if (clock.now().getTime() >= link.expiresAtMs) return 'expired'
      if (leftMs() <= 0) return 'waiting'
      await pause.over
    } finally {
      pause.end()
    }
  }

  function leftMs(): number {
    return Math.max(0, limitMs - (clock.monotonicMs() - startMs))
  }
}

interface Pause {
  readonly over: Promise<void>
  end(): void
}

function pauseUntilDone(
  { config: { clock }, completions }: ElicitParts,
  { id, pauseMs, signal }: { readonly id: string; readonly pauseMs: number; readonly signal: AbortSignal },
): Pause {
  const endings: (() => void)[] = []
  const over = new Promise<void>((resolve) => {
    const listener = (): void => resolve()
    endings.push(clock.schedule(listener, pauseMs))
    // The pause ends before this time does.
    endings.push(completions.on(id, { ttlMs: pauseMs + 60_000, listener }))
    signal.addEventListener('abort', listener, { once: true })
    endings.push(() => signal.removeEventListener('abort', listener))
  })
  return {
    over,
    end() {
      for (const each of endings) each()
    },
  }
}
