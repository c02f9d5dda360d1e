// A modal dialog, in the middle or at the side. What was typed is not lost by Escape or a click beside it.
import { signal, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { holds } from '../route.ts'
import { Button, IconButton } from './button.tsx'
import { Toasts } from './toast.tsx'
import { useId } from './use-id.ts'

/** The dialogs that are open, the topmost last. */
export const openDialogs = signal<readonly string[]>([])

export interface DialogProps {
  readonly title: ComponentChildren
  readonly subtitle?: ComponentChildren
  readonly place?: 'middle' | 'side'
  readonly isWide?: boolean
  /** Something was typed: closing asks first. */
  readonly isDirty?: boolean
  readonly onClose: () => void
  readonly footer?: ComponentChildren
  readonly children: ComponentChildren
}

export function Dialog(props: DialogProps) {
  const { place = 'middle', isWide = false, isDirty = false, onClose } = props
  const id = useId()
  const element = useRef<HTMLDialogElement>(null)
  const asks = useSignal(false)
  const ask = (): void => {
    asks.value = true
  }
  const close = isDirty ? ask : onClose

  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    if (place === 'middle') dialog?.querySelector<HTMLElement>('.dialog-content :is(input, select, textarea)')?.focus()
    openDialogs.value = [...openDialogs.value, id]
    return () => {
      openDialogs.value = openDialogs.value.filter((other) => other !== id)
      // It gives the focus back to where it was, unless that is gone.
      dialog?.close()
      queueMicrotask(() => {
        if (document.activeElement === document.body) document.getElementById('main')?.focus()
      })
    }
  }, [id])
  // Before the browser does anything else, such as going back.
  useLayoutEffect(() => {
    if (!isDirty) return
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', warn)
    holds.add(ask)
    return () => {
      removeEventListener('beforeunload', warn)
      holds.delete(ask)
    }
  }, [isDirty])

  return (
    <dialog
      ref={element}
      class={`dialog ${place}${isWide ? ' wide' : ''}`}
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        // The cancel of a control inside of it bubbles up to here.
        if (event.target !== element.current) return
        event.preventDefault()
        close()
      }}
      onKeyDown={(event) => {
        // Chromium closes by a second Escape without asking.
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        close()
      }}
      onMouseDown={(event) => {
        if (event.target === element.current) close()
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <div>
            <h2 id={`${id}-title`}>{props.title}</h2>
            {props.subtitle === undefined ? null : <div class="subtitle">{props.subtitle}</div>}
          </div>
          <IconButton icon="close" label="Close" onClick={close} />
        </header>
        <div class="dialog-content">{props.children}</div>
        {asks.value ? (
          <div class="dialog-foot asks" role="alert">
            <p>What you typed is not saved.</p>
            <Button kind="danger" onClick={onClose}>
              Discard it
            </Button>
            <Button onClick={() => (asks.value = false)}>Keep editing</Button>
          </div>
        ) : props.footer === undefined ? null : (
          <footer class="dialog-foot">{props.footer}</footer>
        )}
      </div>
      {openDialogs.value.at(-1) === id ? <Toasts /> : null}
    </dialog>
  )
}
