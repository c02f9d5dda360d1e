// Presets: good samples of each provider are accepted, bad ones refused with what is wrong, and never repeated.
import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { builtInSecretTypes } from '../../src/contracts/index.ts'
import {
  detectPreset,
  findPreset,
  type Preset,
  type PresetCheck,
  presets,
  secretNameProblem,
} from '../../src/presets/index.ts'
import { fieldSamples, pem, textSamples } from './samples.ts'

function preset(id: string): Preset {
  const found = findPreset(id)
  if (found === undefined) throw new Error(`there is no preset ${id}`)
  return found
}

const problemsOf = (check: PresetCheck) => (check.ok ? [] : check.problems)
const goodTexts = Object.entries(textSamples).flatMap(([id, { good }]) => good.map((value) => [id, value] as const))
const badTexts = Object.entries(textSamples).flatMap(([id, { bad }]) => bad.map((each) => [id, ...each] as const))
const badFields = Object.entries(fieldSamples).flatMap(([id, { good, bad }]) =>
  bad.map(([part, field, message]) => [id, field, message, { ...good, ...part }] as const),
)

describe('[A11] presets', () => {
  it('have samples, each of them', () => {
    const sampled = [...Object.keys(textSamples), ...Object.keys(fieldSamples)]
    expect([...sampled].sort()).toEqual(presets.map(({ id }) => id).sort())
    expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length)
    expect(findPreset('none')).toBeUndefined()
  })

  it.each(goodTexts)('%s accepts a good value', (id, value) => {
    expect(preset(id).check(value)).toEqual({ ok: true })
  })

  it.each(badTexts)('%s refuses a bad value, and says why without repeating it', (id, value, message) => {
    const problems = problemsOf(preset(id).check(value))
    expect(problems).toEqual([{ field: 'value', message: expect.stringContaining(message) }])
    expect(problems[0]?.message).not.toContain(value)
  })

  it.each(Object.entries(fieldSamples))('%s accepts good fields', (id, { good }) => {
    expect(preset(id).check(good)).toEqual({ ok: true })
    expect(Object.keys(good)).toEqual(preset(id).fields.map(({ name }) => name))
  })

  it.each(badFields)('%s refuses a bad %s: %s', (id, field, message, input) => {
    expect(preset(id).check(input)).toEqual({
      ok: false,
      problems: [{ field, message: expect.stringContaining(message) }],
    })
  })

  it('say of each field what is wrong with it', () => {
    const { check } = preset('twilio-api-key')
    expect(problemsOf(check({ keySid: 'x' })).map(({ field }) => field)).toEqual(['accountSid', 'keySid', 'keySecret'])
    expect(problemsOf(check('text')).map(({ field }) => field)).toEqual(['accountSid', 'keySid', 'keySecret'])
    // Wrong on purpose, as a caller without types may be.
    expect(problemsOf(check(null as never)).map(({ field }) => field)).toHaveLength(3)
    expect(problemsOf(check({ accountSid: 1 } as never))[0]).toEqual({ field: 'accountSid', message: 'must be text.' })
  })

  it('read no field from a prototype', () => {
    const { good } = fieldSamples['twilio-auth-token'] ?? { good: {} }
    expect(preset('twilio-auth-token').check(Object.create(good))).toMatchObject({ ok: false })
  })

  it.each([
    ['', 'must not be empty.'],
    ['  a value', 'must have no spaces or line breaks.'],
    ['a\nvalue', 'must have no spaces or line breaks.'],
    ['Bearer abc', 'must be the token alone, without the word before it.'],
    ['"quoted"', 'must be without the quotes around it.'],
    ['API_KEY=abc', 'must be the value alone, without its name and the equals sign.'],
    ['<your-key>', 'must be the value itself, not what stands for it in a sample.'],
    ['sk-abc...', 'must be the value itself, not what stands for it in a sample.'],
    ['x'.repeat(4_097), 'must be at most 4,096 characters long.'],
  ])('say of a slip in copying what it is: %s', (value, message) => {
    expect(preset('openai-key').check(value)).toEqual({ ok: false, problems: [{ field: 'value', message }] })
  })

  it('say that a text is wanted, not fields', () => {
    const problems = [{ field: 'value', message: 'must be one text.' }]
    expect(preset('openai-key').check({ value: 'x' })).toEqual({ ok: false, problems })
  })

  it('describe themselves for a form, and can be stored as they say', async () => {
    const github = testVault().scope('alice')
    for (const { id, title, fields, type, encoding, suggestedName, docsUrl } of presets) {
      expect(title).not.toBe('')
      expect(builtInSecretTypes).toContain(type)
      expect(secretNameProblem(suggestedName)).toBeUndefined()
      expect(docsUrl === undefined || new URL(docsUrl).protocol === 'https:').toBe(true)
      expect(fields.every(({ label, hint }) => label !== '' && hint.endsWith('.'))).toBe(true)
      expect(fields.some(({ isSecret }) => isSecret)).toBe(true)
      const value = fieldSamples[id]?.good ?? textSamples[id]?.good[0] ?? ''
      expect(await github.set(id, value, { type })).toMatchObject({ encoding, type })
    }
  })

  it('cannot be changed', () => {
    for (const each of presets) {
      expect(Object.isFrozen(each) && Object.isFrozen(each.fields) && each.fields.every(Object.isFrozen)).toBe(true)
    }
    expect(Object.isFrozen(presets)).toBe(true)
  })
})

describe('[A11] detectPreset', () => {
  const recognized = goodTexts.filter(([id]) => !['jwt-key', 'custom'].includes(id))

  it.each(recognized)('knows a value of %s', (id, value) => {
    expect(detectPreset(value)?.id).toBe(id)
    expect(detectPreset(`\n  ${value}`)?.id).toBe(id)
  })

  it('knows a private key, and a value that is cut short', () => {
    expect(detectPreset(pem('EC PRIVATE KEY'))?.id).toBe('jwt-key')
    expect(detectPreset(`ghp${'_'}abc`)?.id).toBe('github-classic-token')
  })

  it.each(['', 'hello', 'pk_live_', 'https://host', pem('CERTIFICATE'), `AC${'0'.repeat(32)}`, 'x'.repeat(100_000)])(
    'knows nothing of other texts (%#)',
    (value) => expect(detectPreset(value)).toBeUndefined(),
  )

  it('knows nothing of what is no text', () => {
    // Wrong on purpose, as a caller without types may be.
    expect(detectPreset(undefined as never)).toBeUndefined()
  })
})
