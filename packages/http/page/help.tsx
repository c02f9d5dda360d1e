// What the keys do, and the switch that turns them off.
import { signal } from '@preact/signals'
import { Dialog } from './ui/dialog.tsx'
import { keysAreOn, turnKeys } from './ui/keys.ts'

export const helpIsOpen = signal(false)

const keys = [
  ['/', 'Search the secrets'],
  ['n', 'Add a secret'],
  ['i', 'Paste a .env file'],
  ['↑ ↓', 'Move through the list'],
  ['Enter', 'Open the secret'],
  ['Esc', 'Close a dialog'],
  ['1, 2', 'Secrets, audit'],
  ['?', 'This help'],
] as const

export function Help() {
  return (
    <Dialog title="Help and keys" onClose={() => (helpIsOpen.value = false)}>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={keysAreOn.value}
          onInput={(event) => turnKeys(event.currentTarget.checked ? 'on' : 'off')}
        />
        Single keys work outside of text fields
      </label>
      <p class="hint">
        Every reveal and every change is written to the audit trail. A value that is shown hides after 30 seconds, and
        when you leave the tab.
      </p>
    </Dialog>
  )
}
