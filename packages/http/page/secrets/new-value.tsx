// Stores the next value of a secret, or changes single fields of one that has fields.
import { detectPreset, generateSecret } from '@mcpvault/core/presets'
import { useSignal } from '@preact/signals'
import { type Answer, api, type SecretInfo } from '../client.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { SecretField, TextField } from '../ui/field.tsx'
import { FormDialog } from '../ui/form.tsx'
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
  const call = useSave(info, () => info)
  const { base, stored, problem, isBusy } = call
  const text = useSignal('')
  const fields = useSignal<readonly FieldDraft[]>([{ name: '', text: '', isKnown: false }])
  const hasFields = info.encoding === 'fields'
  const typed = fields.value.filter((field) => field.name !== '' && field.text !== '')
  const isDirty = hasFields ? typed.length > 0 : text.value !== ''

  const send = (guard: { readonly ifRevision: number }): Promise<Answer<SecretInfo>> => {
    if (!hasFields) return api.set(info, { value: text.value }, guard)
    const changes = Object.fromEntries(typed.map((field) => [field.name, field.text]))
    return api.patch(info, { fields: changes }, guard)
  }
  const save = async (): Promise<void> => {
    if (!isDirty) return
    const saved = await call.save(send)
    if (saved === undefined) return
    say(`Version ${saved.version} is stored.`)
    onSaved(saved)
    if (call.isHere()) onClose()
  }
  /** The names alone stay; the values go with the answer. */
  const loadNames = async (): Promise<void> => {
    const answer = await api.reveal(info, { reason: 'to show the names of its fields' })
    problem.value = answer.ok ? undefined : answer.problem
    if (!answer.ok || answer.data.encoding !== 'fields') return
    const names = Object.keys(answer.data.value)
    // What was typed meanwhile stays.
    const drafts = fields.value.filter(({ name, text }) => name !== '' || text !== '')
    const textOf = new Map(drafts.map(({ name, text }) => [name, text]))
    fields.value = [
      ...names.map((name) => ({ name, text: textOf.get(name) ?? '', isKnown: true })),
      ...drafts.filter(({ name }) => !names.includes(name)),
    ]
  }
  const editField = (index: number, change: Partial<FieldDraft>): void => {
    fields.value = fields.value.map((field, at) => (at === index ? { ...field, ...change } : field))
  }

  const newest = stored.value
  return (
    <FormDialog
      title={`New value of ${visible(info.name)}`}
      submit={`Save as version ${(base.value ?? info).version + 1}`}
      isDirty={isDirty}
      isDisabled={!isDirty}
      call={call}
      onSubmit={save}
      onClose={onClose}
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
              <SecretField label="New value" value={field.text} onInput={(next) => editField(index, { text: next })} />
            </div>
          ))}
          <div class="row-actions">
            <Button
              icon="plus"
              onClick={() => (fields.value = [...fields.value, { name: '', text: '', isKnown: false }])}
            >
              Add a field
            </Button>
            <Button kind="quiet" onClick={loadNames}>
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
            <IconButton icon="spark" label="Generate a strong value" onClick={() => (text.value = generateSecret())} />
          }
        />
      )}
    </FormDialog>
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
