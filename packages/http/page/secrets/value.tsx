// The value of a secret: masked, until it is revealed or copied. Both ask the vault, which writes it down.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type Answer, api, type Problem, type RevealedSecret } from '../client.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { visible } from '../ui/text.tsx'
import { say } from '../ui/toast.tsx'
import { NewValueDialog } from './new-value.tsx'
import type { PartProps } from './part.ts'
import { type ShownValue, useShownValue } from './shown-value.ts'

export function ValuePanel({ info, onChange }: PartProps) {
  const shown = useShownValue()
  const problem = useSignal<Problem | undefined>(undefined)
  const busy = useSignal<'reveal' | 'copy' | undefined>(undefined)
  const reason = useSignal('')
  const isEditing = useSignal(false)

  const read = async (): Promise<Answer<RevealedSecret>> => {
    const why = reason.value.trim()
    const answer = await api.reveal(info, why === '' ? {} : { reason: why })
    busy.value = undefined
    problem.value = answer.ok ? undefined : answer.problem
    return answer
  }
  const reveal = async (): Promise<void> => {
    busy.value = 'reveal'
    const answer = await read()
    if (answer.ok) shown.show(answer.data)
  }
  const copy = async (): Promise<void> => {
    busy.value = 'copy'
    await copyText(async () => {
      const answer = await read()
      return answer.ok ? textOf(answer.data) : undefined
    })
  }

  // What is shown is of one version.
  useEffect(() => shown.hide, [info.version])
  const isUsable = info.state === 'active'
  const wantsReason = problem.value?.field === 'reason'
  return (
    <section class="value-panel" aria-label="Value">
      {shown.value.value === undefined ? (
        <p class="masked-value">
          <span aria-hidden="true">••••••••••••••••</span>
          <span class="sr-only">The value is hidden.</span>
          <span class="hint">version {info.version}</span>
        </p>
      ) : (
        <Revealed shown={shown} value={shown.value.value} />
      )}
      {isUsable && (info.tier === 1 || wantsReason) ? (
        <TextField
          label="Reason"
          isOptional
          value={reason.value}
          onInput={(text) => (reason.value = text)}
          hint="Kept in the audit trail."
          error={wantsReason ? 'This secret asks for a reason.' : undefined}
        />
      ) : null}
      {problem.value === undefined || wantsReason ? null : <Notice problem={problem.value} />}
      {isUsable ? null : <p class="hint">Its state is {info.state}: it cannot be read until that changes.</p>}
      <div class="row-actions">
        {shown.value.value === undefined ? (
          <Button icon="eye" isBusy={busy.value === 'reveal'} isDisabled={!isUsable} onClick={reveal}>
            Reveal
          </Button>
        ) : (
          <Button icon="hide" onClick={shown.hide}>
            Hide
          </Button>
        )}
        <Button icon="copy" isBusy={busy.value === 'copy'} isDisabled={!isUsable} onClick={copy}>
          Copy
        </Button>
        <Button
          icon="pen"
          isDisabled={info.state === 'deleted'}
          onClick={() => {
            shown.hide()
            isEditing.value = true
          }}
        >
          New value
        </Button>
      </div>
      {isEditing.value ? (
        <NewValueDialog info={info} onSaved={onChange} onClose={() => (isEditing.value = false)} />
      ) : null}
    </section>
  )
}

function Revealed({ shown, value }: { readonly shown: ShownValue; readonly value: RevealedSecret }) {
  return (
    <div class="revealed">
      {value.encoding === 'fields' ? (
        <dl>
          {Object.entries(value.value).map(([field, text]) => (
            <div key={field}>
              <dt>{visible(field)}</dt>
              <dd>
                <code>{text}</code>
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <code>{value.value}</code>
      )}
      <p class="hint">
        {value.encoding === 'bytes' ? 'Bytes, as base64. ' : ''}
        <span aria-hidden="true">Hides in {shown.secondsLeft.value} s.</span>
      </p>
      <progress max={30} value={shown.secondsLeft.value} aria-label="Time until it hides" />
    </div>
  )
}

/** What is copied: the text, or the fields as JSON. */
function textOf(value: RevealedSecret): string {
  return value.encoding === 'fields' ? JSON.stringify(value.value) : value.value
}

/** Copies what `read` gives. The clipboard is asked first, while the click still counts. */
async function copyText(read: () => Promise<string | undefined>): Promise<void> {
  const text = read()
  const blob = text.then((given) => {
    if (given === undefined) throw new TypeError('There is nothing to copy.')
    return new Blob([given], { type: 'text/plain' })
  })
  // Where the clipboard never asks for it, nothing else handles its failure.
  blob.catch(() => {})
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })])
    say('Copied. Clear the clipboard when you are done.')
  } catch {
    // The problem of a read is shown where it was asked for.
    if ((await text) !== undefined) say('The browser does not let this page copy. Reveal the value instead.')
  }
}
