// The presets that there are, and which one a pasted value looks like.
import { databaseUrlPreset } from './database-url.ts'
import { jwtKeyPreset } from './jwt-key.ts'
import { type KnownPreset, type Preset, textPreset } from './preset.ts'
import { tokenPresets } from './tokens.ts'
import { twilioPresets } from './twilio.ts'

const maxValueBytes = 65_536

/** Anything that a vault stores as text. */
const customPreset: KnownPreset = {
  preset: textPreset({
    id: 'custom',
    title: 'Something else',
    type: 'custom',
    suggestedName: 'secret',
    label: 'Value',
    hint: 'Any text of at most 64 KiB.',
    placeholder: '',
    find: (text) => {
      if (text.length > maxValueBytes || new TextEncoder().encode(text).length > maxValueBytes)
        return 'must be at most 64 KiB of UTF-8.'
      return text.isWellFormed() ? undefined : 'must be well-formed text, without lone surrogates.'
    },
  }),
  looksLike: () => false,
}

const known: readonly KnownPreset[] = [...tokenPresets, ...twilioPresets, databaseUrlPreset, jwtKeyPreset, customPreset]

/**
 * The kinds of secrets of known providers, in the order of a menu; the last one takes anything.
 *
 * @example
 * for (const { id, title, fields } of presets) console.log(id, title, fields.map(({ label }) => label))
 */
export const presets: readonly Preset[] = Object.freeze(known.map(({ preset }) => preset))

/**
 * The preset of this id, or undefined.
 *
 * @example
 * const check = findPreset('openai-key')?.check('not a key')
 * if (check?.ok === false) console.log(check.problems)
 */
export function findPreset(id: string): Preset | undefined {
  return presets.find((preset) => preset.id === id)
}

/**
 * The preset that a pasted value looks like by its beginning, be it right or not; undefined when it looks like none.
 * Values of several fields, and keys without a beginning of their own, are not recognized.
 *
 * @example
 * console.log(detectPreset('postgres://app@db.example/orders')?.id) // database-url
 */
export function detectPreset(value: string): Preset | undefined {
  if (typeof value !== 'string') return undefined
  const start = value.slice(0, 256).trimStart()
  return known.find(({ looksLike }) => looksLike(start))?.preset
}
