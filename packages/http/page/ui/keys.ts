// Keys that do something wherever the focus is. A user may turn them off; they never fire while something is typed.
import { signal } from '@preact/signals'
import { openDialogs } from './dialog.tsx'

const storageKey = 'mcpvault.keys'

export const keysAreOn = signal(readSetting())

export function turnKeys(setting: 'on' | 'off'): void {
  keysAreOn.value = setting === 'on'
  try {
    localStorage.setItem(storageKey, setting)
  } catch {
    // Storage may be forbidden; the setting then lasts as long as the page.
  }
}

function readSetting(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'off'
  } catch {
    return true
  }
}

/** Listens for single keys until the returned function is called. */
export function onKeys(actions: Readonly<Record<string, () => void>>): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (!keysAreOn.value || event.ctrlKey || event.metaKey || event.altKey) return
    if (openDialogs.value.length > 0 || isTyping(event.target)) return
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined
    if (action === undefined) return
    event.preventDefault()
    action()
  }
  addEventListener('keydown', listen)
  return () => removeEventListener('keydown', listen)
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select')
}
