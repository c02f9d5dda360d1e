// A value on the screen: it hides by itself after 30 seconds, and as soon as the tab is left. Nothing keeps it then.
import { type Signal, useSignal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'
import type { RevealedSecret } from '../client.ts'

export const showSeconds = 30

export interface ShownValue {
  /** Undefined while hidden. */
  readonly value: Signal<RevealedSecret | undefined>
  readonly secondsLeft: Signal<number>
  show(value: RevealedSecret): void
  hide(): void
}

export function useShownValue(): ShownValue {
  const value = useSignal<RevealedSecret | undefined>(undefined)
  const secondsLeft = useSignal(0)
  const hide = (): void => {
    value.value = undefined
  }
  const isShown = value.value !== undefined
  // Before the value is painted: one that is on the screen is always watched.
  useLayoutEffect(() => {
    if (!isShown) return
    const endsAt = Date.now() + showSeconds * 1_000
    // By the clock, since a timer sleeps with the machine.
    const timer = setInterval(() => {
      secondsLeft.value = Math.ceil((endsAt - Date.now()) / 1_000)
      if (secondsLeft.value <= 0) hide()
    }, 250)
    const onLeave = (): void => {
      if (document.visibilityState === 'hidden') hide()
    }
    document.addEventListener('visibilitychange', onLeave)
    addEventListener('pagehide', hide)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onLeave)
      removeEventListener('pagehide', hide)
    }
  }, [isShown])
  return {
    value,
    secondsLeft,
    hide,
    show(next) {
      // An answer that comes after the tab was left stays unseen.
      if (document.visibilityState === 'hidden') return
      secondsLeft.value = showSeconds
      value.value = next
    },
  }
}
