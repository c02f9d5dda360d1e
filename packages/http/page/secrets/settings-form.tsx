// Edits the settings of a secret. A change by someone else is shown beside what was typed.
import { useSignal } from '@preact/signals'
import { api, type Problem, type SecretInfo } from '../client.ts'
import { Button } from '../ui/button.tsx'
import { AreaField, SelectField, TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { visible } from '../ui/text.tsx'
import { say } from '../ui/toast.tsx'
import { typeName } from './badges.tsx'
import { Conflict } from './conflict.tsx'
import { known } from './list.ts'
import { builtInTypes, changesOf, draftOf, type SettingsDraft } from './settings.ts'
import { useSave } from './use-save.ts'

interface FormProps {
  readonly info: SecretInfo
  readonly onDirty: (isDirty: boolean) => void
  readonly onChange: (info: SecretInfo) => void
  readonly onClose: () => void
}

export function SettingsForm({ info, onDirty, onChange, onClose }: FormProps) {
  const call = useSave(info, () => info)
  const { base, stored, problem, isBusy } = call
  const draft = useSignal(draftOf(info))
  const changes = () => changesOf(draftOf(base.value ?? info), draft.value)

  const edit = (change: Partial<SettingsDraft>): void => {
    draft.value = { ...draft.value, ...change }
    onDirty(Object.keys(changes()).length > 0)
  }
  const save = async (): Promise<void> => {
    if (Object.keys(changes()).length === 0) return onClose()
    const saved = await call.save((guard) => api.patch(info, changes(), guard))
    if (saved === undefined) return
    say('Settings saved.')
    onChange(saved)
    if (call.isHere()) onClose()
  }
  const take = (newest: SecretInfo): void => {
    onChange(newest)
    onClose()
  }
  /** Saves what was typed over the state that was shown, by the user's choice. */
  const keep = (newest: SecretInfo): void => {
    base.value = newest
    void save()
  }

  const newest = stored.value
  return (
    <Form
      call={call}
      onSubmit={save}
      actions={
        <>
          <Button kind="primary" type="submit" isBusy={isBusy.value}>
            Save
          </Button>
          <Button onClick={() => (newest === undefined ? onClose() : take(newest))}>Cancel</Button>
        </>
      }
    >
      {newest === undefined ? null : (
        <Conflict
          stored={newest}
          keepLabel="Save mine over it"
          isBusy={isBusy.value}
          onKeep={() => keep(newest)}
          onTake={() => take(newest)}
        >
          <Differences mine={draft.value} theirs={draftOf(newest)} />
        </Conflict>
      )}
      <SettingsFields draft={draft.value} onEdit={edit} problem={problem.value} />
    </Form>
  )
}

interface FieldsProps {
  readonly draft: SettingsDraft
  readonly onEdit: (change: Partial<SettingsDraft>) => void
  readonly problem: Problem | undefined
}

export function SettingsFields({ draft, onEdit, problem }: FieldsProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined)
  const types = [...new Set([...builtInTypes, ...known.value.types, draft.type])]
  return (
    <>
      <AreaField
        label="Description"
        isOptional
        rows={2}
        value={draft.description}
        onInput={(description) => onEdit({ description })}
        error={errorOf('description')}
      />
      <div class="columns">
        <SelectField
          label="Type"
          value={draft.type}
          options={types.map((type) => [type, visible(typeName(type))] as const)}
          onInput={(type) => onEdit({ type })}
          error={errorOf('type')}
        />
        <SelectField
          label="Tier"
          value={draft.tier}
          options={[
            ['1', '1 critical'],
            ['2', '2 sensitive'],
            ['3', '3 internal'],
          ]}
          onInput={(tier) => onEdit({ tier })}
          error={errorOf('tier')}
        />
      </div>
      <div class="columns">
        <TextField
          label="Tags"
          isOptional
          placeholder="ci, billing"
          value={draft.tags}
          onInput={(tags) => onEdit({ tags })}
          error={errorOf('tags')}
        />
        <TextField
          label="Expires"
          isOptional
          type="datetime-local"
          value={draft.expires}
          onInput={(expires) => onEdit({ expires })}
          error={errorOf('expiresAt')}
        />
      </div>
    </>
  )
}

const labels = { description: 'Description', type: 'Type', tier: 'Tier', tags: 'Tags', expires: 'Expires' } as const
const names = Object.keys(labels) as readonly (keyof typeof labels)[] // The keys that it is written with.

function Differences({ mine, theirs }: { readonly mine: SettingsDraft; readonly theirs: SettingsDraft }) {
  const different = names.filter((name) => mine[name] !== theirs[name])
  return (
    <dl class="differences">
      {different.map((name) => (
        <div key={name}>
          <dt>{labels[name]}</dt>
          <dd>
            stored <b>{visible(theirs[name]) || 'nothing'}</b>, yours <b>{visible(mine[name]) || 'nothing'}</b>
          </dd>
        </div>
      ))}
    </dl>
  )
}
