// Stores the next value of a secret, or changes single fields of one that has fields.

import { detectPreset, generateSecret } from '@mcpvault/core/presets'
import { useSignal } from '@preact/signals'
import { type Answer, addressOf, api, type SecretInfo } from '../client.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SecretField, TextField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { visible } from '../ui/text.tsx'
import { say } from '../ui/toast.tsx'
import { Conflict } from './conflict.tsx'
import { useSave } from './use-save.ts'

interface NewValueProps {
  readonly info: SecretInfo
  readonly onSaved: (info: SecretInfo) => void
  readonly onClose: () => void
}

interface FieldDraft {
  readonly name: string
  readonly text: string
  /** A field that is there already: its name stays, and empty text leaves it as it is. */
  readonly isKnown: boolean
}

export function NewValueDialog({ info, onSaved, onClose }: NewValueProps) {
  const { base, stored, problem, isBusy, save: saveGuarded } = useSave(info, () => info)
  const text = useSignal('')
  const fields = useSignal<readonly FieldDraft[]>([{ name: '', text: '', isKnown: false }])
  const hasFields = info.encoding === 'fields'
  const typed = fields.value.filter((field) => field.name !== '' && field.text !== '')
  const isDirty = hasFields ? typed.length > 0 : text.value !== ''

  const send = (guard: { readonly ifRevision: number }): Promise<Answer<SecretInfo>> => {
    if (!hasFields) return api.set(addressOf(info), { value: text.value }, guard)
    const changes = Object.fromEntries(typed.map((field) => [field.name, field.text]))
    return api.patch(addressOf(info), { fields: changes }, guard)
  }
  const save = async (): Promise<void> => {
    if (!isDirty) return
    const saved = await saveGuarded(send)
    if (saved === undefined) return
    say(`Version ${saved.version} is stored.`)
    onSaved(saved)
    onClose()
  }
  /** The names alone stay; the values go with the answer. */
  const loadNames = async (): Promise<void> => {
    const answer = await api.reveal(addressOf(info), { reason: 'to show the names of its fields' })
    problem.value = answer.ok ? undefined : answer.problem
    if (!answer.ok || answer.data.encoding !== 'fields') return
    const names = Object.keys(answer.data.value)
    fields.value = names.map((name) => ({ name, text: '', isKnown: true }))
  }
  const editField = (index: number, change: Partial<FieldDraft>): void => {
    fields.value = fields.value.map((field, at) => (at === index ? { ...field, ...change } : field))
  }

  const newest = stored.value
  return (
    <Dialog
      title={`New value of ${visible(info.name)}`}
      isDirty={isDirty}
      onClose={onClose}
      footer={
        <>
          <Button kind="primary" type="submit" form="new-value" isBusy={isBusy.value} isDisabled={!isDirty}>
            Save as version {(base.value ?? info).version + 1}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      <form
        id="new-value"
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {newest === undefined ? null : (
          <Conflict
            stored={newest}
            keepLabel={`Save mine as version ${newest.version + 1}`}
            isBusy={isBusy.value}
            onKeep={() => {
              base.value = newest
              void save()
            }}
            onTake={() => {
              onSaved(newest)
              onClose()
            }}
          />
        )}
        {hasFields ? (
          <>
            <p class="hint">Only the fields that you fill in change.</p>
            {fields.value.map((field, index) => (
              <div class="columns" key={index}>
                <TextField
                  label="Field"
                  value={field.name}
                  isReadOnly={field.isKnown}
                  onInput={(name) => editField(index, { name })}
                />
                <SecretField
                  label="New value"
                  value={field.text}
                  onInput={(next) => editField(index, { text: next })}
                />
              </div>
            ))}
            <div class="row-actions">
              <Button
                icon="plus"
                onClick={() => (fields.value = [...fields.value, { name: '', text: '', isKnown: false }])}
              >
                Add a field
              </Button>
              <Button kind="quiet" onClick={() => void loadNames()}>
                Show its field names
              </Button>
            </div>
          </>
        ) : (
          <SecretField
            label="Value"
            isMultiline
            value={text.value}
            onInput={(next) => (text.value = next)}
            hint={<Guess text={text.value} />}
            tools={
              <IconButton
                icon="spark"
                label="Generate a strong value"
                onClick={() => (text.value = generateSecret())}
              />
            }
          />
        )}
        {problem.value === undefined ? null : (
          <Notice problem={problem.value} onRetry={() => void save()} isBusy={isBusy.value} />
        )}
      </form>
    </Dialog>
  )
}

/** What the value looks like, and what seems wrong with it; it can be stored all the same. */
function Guess({ text }: { readonly text: string }) {
  if (text === '') return <>The versions before stay in its history.</>
  const preset = detectPreset(text)
  if (preset === undefined) return <>{text.length} characters.</>
  const result = preset.check(text)
  const wrong = result.ok ? undefined : result.problems[0]?.message
  return wrong === undefined ? (
    <>Looks like a {preset.title}.</>
  ) : (
    <>
      Looks like a {preset.title}, but it {wrong}
    </>
  )
}
