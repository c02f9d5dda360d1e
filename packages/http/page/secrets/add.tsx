// Adds a secret: what it is, its value, its name and server, its settings.
import { detectPreset, findPreset, type Preset, presets } from '@mcpvault/core/presets'
import { useSignal } from '@preact/signals'
import { api, me, type SecretInfo } from '../client.ts'
import { go, pathOf } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { FormDialog } from '../ui/form.tsx'
import { Banner } from '../ui/notice.tsx'
import { visible } from '../ui/text.tsx'
import { say } from '../ui/toast.tsx'
import { filters, known, upsert } from './list.ts'
import { emptySettings, settingsOf } from './settings.ts'
import { SettingsFields } from './settings-form.tsx'
import { useSave } from './use-save.ts'
import { errorsOf, inputOf, type ValueDraft, ValueFields } from './value-form.tsx'

const custom = findPreset('custom')

export function AddDialog({ onClose }: { readonly onClose: () => void }) {
  const preset = useSignal<Preset | undefined>(custom)
  const value = useSignal<ValueDraft>({})
  const name = useSignal('')
  const server = useSignal(filters.value.server || 'default')
  const settings = useSignal(emptySettings)
  const errors = useSignal<ReadonlyMap<string, string>>(new Map())
  const refOf = () => ({ owner: me.value?.id ?? '', server: server.value, name: name.value })
  const call = useSave(undefined, refOf)
  const { base, stored, problem, isBusy } = call

  const choose = (id: string): void => {
    const chosen = findPreset(id)
    if (chosen === undefined) return
    // A name that was suggested is replaced by the next suggestion; one that was typed stays.
    const isSuggested = name.value === '' || name.value === preset.value?.suggestedName
    preset.value = chosen
    if (isSuggested) name.value = chosen.id === 'custom' ? '' : chosen.suggestedName
    settings.value = { ...settings.value, type: chosen.type }
    errors.value = new Map()
  }
  const save = async (over?: SecretInfo): Promise<void> => {
    base.value = over
    const chosen = preset.value
    if (chosen === undefined) return
    errors.value = new Map([...errorsOf(chosen, value.value), ...nameErrors()])
    if (errors.value.size > 0) return focusFirstError()
    const body = { value: inputOf(chosen, value.value), ...settingsOf(settings.value) }
    const saved = await call.save((guard) => api.set(refOf(), body, guard))
    if (saved !== undefined) {
      upsert(saved)
      say(`${visible(saved.name)} is stored.`)
      if (!call.isHere()) return
      onClose()
      go(pathOf(saved))
    } else if (problem.value?.field !== undefined) {
      errors.value = new Map([[problem.value.field, problem.value.message]])
    }
  }
  const nameErrors = (): readonly (readonly [string, string])[] => [
    ...(name.value === '' ? [['name', 'The name must not be empty.'] as const] : []),
    ...(/[/*@]/.test(name.value) ? [['name', 'The name must have no "/", "*" or "@".'] as const] : []),
    ...(server.value === '' ? [['server', 'The server must not be empty.'] as const] : []),
  ]

  const existing = stored.value
  // What is pasted as something else is often something known.
  const looksLike = preset.value === custom ? detectPreset(value.value['value'] ?? '') : undefined
  const isDirty = Object.values(value.value).some((text) => text !== '')
  return (
    <FormDialog title="Add a secret" submit="Save" isDirty={isDirty} call={call} onSubmit={save} onClose={onClose}>
      <SelectField
        label="What is it"
        value={preset.value?.id ?? ''}
        options={presets.map(({ id, title }) => [id, title] as const)}
        onInput={choose}
      />
      {looksLike === undefined ? null : (
        <p class="hint">
          This looks like a {looksLike.title}.{' '}
          <Button kind="quiet" onClick={() => choose(looksLike.id)}>
            Use its checks
          </Button>
        </p>
      )}
      {preset.value === undefined ? null : (
        <ValueFields
          preset={preset.value}
          draft={value.value}
          errors={errors.value}
          onEdit={(draft) => (value.value = draft)}
        />
      )}
      <div class="columns">
        <TextField
          label="Name"
          value={name.value}
          placeholder="github_token"
          onInput={(text) => (name.value = text)}
          error={errors.value.get('name')}
        />
        <TextField
          label="Server"
          hint="The MCP server that uses it."
          value={server.value}
          list={known.value.servers}
          onInput={(text) => (server.value = text)}
          error={errors.value.get('server')}
        />
      </div>
      <details class="more">
        <summary>More settings</summary>
        <SettingsFields
          draft={settings.value}
          onEdit={(change) => (settings.value = { ...settings.value, ...change })}
          problem={problem.value}
        />
      </details>
      {existing === undefined ? null : (
        <Banner tone="warn">
          <p>
            <b>There is a secret of this name already,</b> at version {existing.version}. Nothing was overwritten.
            Choose another name, or store what you typed as its next version.
          </p>
          <Button isBusy={isBusy.value} onClick={() => void save(existing)}>
            Store as version {existing.version + 1}
          </Button>
        </Banner>
      )}
    </FormDialog>
  )
}

function focusFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('dialog [aria-invalid="true"]')?.focus())
}
