// What a preset is: the kind of secret a known provider gives, its fields, and a check before it is stored.

/** One field of a form. */
export interface PresetField {
  /** The name of the field in a `fields` value; `value` where the value is text. */
  readonly name: string
  readonly label: string
  /** Whether it must be hidden while it is typed. */
  readonly isSecret: boolean
  /** Where the provider shows it, in one sentence. */
  readonly hint: string
  /** How it looks, cut short. */
  readonly placeholder: string
}

/** What was typed or pasted: text, or the fields by name. */
export type PresetInput = string | Readonly<Record<string, string>>

/** What is wrong with one field. `message` goes on from its label, as in `must not be empty.`, and never repeats the input. */
export interface PresetProblem {
  readonly field: string
  readonly message: string
}

/** Whether an input looks right. Nothing is asked of the provider. */
export type PresetCheck = { readonly ok: true } | { readonly ok: false; readonly problems: readonly PresetProblem[] }

/** A kind of secret. */
export interface Preset {
  readonly id: string
  readonly title: string
  /** Whether the value is text or an object of strings. */
  readonly encoding: 'text' | 'fields'
  /** The `type` to store it under. */
  readonly type: 'api_key' | 'database_url' | 'jwt_secret' | 'custom'
  readonly fields: readonly PresetField[]
  /** The provider's page about it. */
  readonly docsUrl?: string
  readonly suggestedName: string
  /** Says what is wrong with an input before it is stored. */
  check(input: PresetInput): PresetCheck
}

/** A preset, and whether a pasted value looks like one of it, be it right or not. */
export interface KnownPreset {
  readonly preset: Preset
  readonly looksLike: (value: string) => boolean
}

/** What a check of one text finds; undefined when it is right. */
export type TextCheck = (text: string) => string | undefined

/** The parts of a preset whose value is one text. */
export interface TextPreset extends Omit<Preset, 'encoding' | 'fields' | 'check'> {
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  readonly find: TextCheck
}

/** A preset whose value is one text. */
export function textPreset({ label, hint, placeholder, find, ...rest }: TextPreset): Preset {
  const field = Object.freeze({ name: 'value', label, isSecret: true, hint, placeholder })
  return Object.freeze({
    ...rest,
    encoding: 'text',
    fields: Object.freeze([field]),
    check: (input) => {
      const message = typeof input === 'string' ? (emptyOf(input) ?? find(input)) : 'must be one text.'
      return outcomeOf(message === undefined ? [] : [{ field: 'value', message }])
    },
  } satisfies Preset)
}

/** The parts of a preset whose value is an object of strings. */
export interface FieldsPreset extends Omit<Preset, 'encoding' | 'fields' | 'check'> {
  readonly fields: readonly (PresetField & { readonly find: TextCheck })[]
}

/** A preset whose value is an object of strings. */
export function fieldsPreset({ fields, ...rest }: FieldsPreset): Preset {
  const shown = fields.map(({ find: _, ...field }) => Object.freeze(field))
  const known = fields.map(({ name }) => name)
  return Object.freeze({
    ...rest,
    encoding: 'fields',
    fields: Object.freeze(shown),
    check: (input) => {
      if (typeof input !== 'object' || input === null)
        return outcomeOf(known.map((field) => ({ field, message: 'must be given as a field of its own.' })))
      const problems = fields.flatMap(({ name, find }) => {
        const given: unknown = Object.hasOwn(input, name) ? input[name] : undefined
        const text = given === undefined ? '' : given
        const message = typeof text === 'string' ? (emptyOf(text) ?? find(text)) : 'must be text.'
        return message === undefined ? [] : [{ field: name, message }]
      })
      const isKnown = Object.keys(input).every((name) => known.includes(name))
      // A name that is not known may be a misplaced value, so it is not repeated.
      const others = isKnown ? [] : [{ field: 'fields', message: `must be no others than ${known.join(', ')}.` }]
      return outcomeOf([...problems, ...others])
    },
  } satisfies Preset)
}

function emptyOf(text: string): string | undefined {
  return text === '' ? 'must not be empty.' : undefined
}

function outcomeOf(problems: readonly PresetProblem[]): PresetCheck {
  if (problems.length === 0) return Object.freeze({ ok: true })
  return Object.freeze({ ok: false, problems: Object.freeze(problems.map((each) => Object.freeze(each))) })
}
