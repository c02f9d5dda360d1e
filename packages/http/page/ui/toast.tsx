// Short messages about what was done, spoken by screen readers; one with an action waits longer, and while it is used.
import { signal } from '@preact/signals'
import { Button, IconButton } from './button.tsx'

interface Toast {
  readonly id: number
  readonly text: string
  readonly action: { readonly label: string; readonly run: () => void } | undefined
}

const toasts = signal<readonly Toast[]>([])
const timers = new Map<number, ReturnType<typeof setTimeout>>()
let lastId = 0

/** Shows a message for 6 seconds, or for 30 when something can be done about it. */
export function say(text: string, action?: Toast['action']): void {
  lastId += 1
  const toast = { id: lastId, text, action }
  toasts.value = [...toasts.value.slice(-2), toast]
  wait(toast)
}

function wait({ id, action }: Toast): void {
  hold(id)
  timers.set(
    id,
    setTimeout(() => drop(id), action === undefined ? 6_000 : 30_000),
  )
}

function hold(id: number): void {
  clearTimeout(timers.get(id))
  timers.delete(id)
}

function drop(id: number): void {
  hold(id)
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

/** Stands in the page, or in the topmost dialog, since everything outside of that is out of reach. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: a message waits while it is read; the buttons in it act.
        <div
          class="toast"
          key={toast.id}
          onMouseEnter={() => hold(toast.id)}
          onMouseLeave={() => wait(toast)}
          onFocusCapture={() => hold(toast.id)}
          onBlurCapture={() => wait(toast)}
        >
          <p>{toast.text}</p>
          {toast.action === undefined ? null : (
            <Button
              kind="quiet"
              onClick={() => {
                toast.action?.run()
                drop(toast.id)
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton icon="close" label="Dismiss" onClick={() => drop(toast.id)} />
        </div>
      ))}
    </div>
  )
}
