// The fields that a link's page has, by the presets of its secrets, and what was typed into them.
import type { Preset, PresetField, PresetInput } from '@mcpvault/core/presets'
import type { Link, WantedSecret } from '../link.ts'
import type { ElicitConfig } from '../options.ts'

export interface FormField extends Omit<PresetField, 'name'> {
  /** Its name in the form: the secret's number and the field of the preset. */
  readonly input: string
  /** The field of the preset. */
  readonly name: string
  readonly lines: 'one' | 'several'
}

export interface SecretForm extends WantedSecret {
  readonly preset: Preset
  readonly fields: readonly FormField[]
}

export function formsOf({ presetOf }: Pick<ElicitConfig, 'presetOf'>, link: Link): readonly SecretForm[] {
  return link.secrets.map(({ server, name }, index) => {
    const preset = presetOf(server, name)
    const lines = preset.type === 'jwt_secret' ? 'several' : 'one'
    const fields = preset.fields.map((field) => ({ ...field, input: `${index}.${field.name}`, lines }) as const)
    return { server, name, preset, fields }
  })
}

/** Text as it was typed; browsers send every line break as two characters. */
export function typedIn(form: URLSearchParams, input: string): string {
  return (form.get(input) ?? '').replaceAll('\r\n', '\n')
}

/** The value of one secret, not yet checked. */
export function valueIn(form: URLSearchParams, { preset, fields }: SecretForm): PresetInput {
  const typed = fields.map(({ name, input }) => [name, typedIn(form, input)] as const)
  return preset.encoding === 'text' ? (typed[0]?.[1] ?? '') : Object.fromEntries(typed)
}
