// The fields of a value, by its preset: what is wrong with one is said before anything is sent.
import { generateSecret, type Preset } from '@mcpvault/core/presets'
import { IconButton } from '../ui/button.tsx'
import { SecretField, TextField } from '../ui/field.tsx'

/** What was typed, by field. */
export type ValueDraft = Readonly<Record<string, string>>

interface ValueFieldsProps {
  readonly preset: Preset
  readonly draft: ValueDraft
  readonly onEdit: (draft: ValueDraft) => void
  /** By field. */
  readonly errors: ReadonlyMap<string, string>
}

/** Presets of any text: it may have several lines, and anyone can make it up. */
const free = new Set(['custom', 'jwt-key'])

export function ValueFields({ preset, draft, onEdit, errors }: ValueFieldsProps) {
  return (
    <>
      {preset.fields.map((field) => {
        const edit = (text: string): void => onEdit({ ...draft, [field.name]: text })
        const message = errors.get(field.name)
        const props = {
          label: field.label,
          hint: field.hint,
          placeholder: field.placeholder,
          value: draft[field.name] ?? '',
          onInput: edit,
          error: message === undefined ? undefined : `${field.label} ${message}`,
        }
        if (!field.isSecret) return <TextField key={field.name} {...props} />
        const tools = free.has(preset.id) ? (
          <IconButton icon="spark" label="Generate a strong value" onClick={() => edit(generateSecret())} />
        ) : null
        return <SecretField key={field.name} {...props} isMultiline={free.has(preset.id)} tools={tools} />
      })}
    </>
  )
}

/** What the preset finds wrong, by field; empty when the value may be stored. */
export function errorsOf(preset: Preset, draft: ValueDraft): ReadonlyMap<string, string> {
  const result = preset.check(inputOf(preset, draft))
  if (result.ok) return new Map()
  const fields = new Set(preset.fields.map(({ name }) => name))
  const first = preset.fields[0]?.name ?? ''
  return new Map(result.problems.map(({ field, message }) => [fields.has(field) ? field : first, message]))
}

/** The value as the API takes it. */
export function inputOf(preset: Preset, draft: ValueDraft): string | Record<string, string> {
  if (preset.encoding === 'text') return draft[preset.fields[0]?.name ?? ''] ?? ''
  return Object.fromEntries(Object.entries(draft).filter(([, text]) => text !== ''))
}
