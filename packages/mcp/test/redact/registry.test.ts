// The live values: how long each is redacted, and what is held of it afterwards.
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/index.ts'

const value = 'a-value-to-keep'

/** A timer whose time passes when a test says so. */
function manualTimer(): {
  readonly schedule: (task: () => void, delayMs: number) => () => void
  readonly pass: (ms: number) => void
} {
  const tasks = new Set<{ readonly at: number; readonly task: () => void }>()
  let now = 0
  return {
    schedule: (task, delayMs) => {
      const entry = { at: now + delayMs, task }
      tasks.add(entry)
      return () => tasks.delete(entry)
    },
    pass: (ms) => {
      now += ms
      for (const entry of [...tasks]) if (entry.at <= now && tasks.delete(entry)) entry.task()
    },
  }
}

describe('a live value', () => {
  it('is redacted until it is removed', () => {
    const redactor = createRedactor()
    const handle = redactor.add({ value, label: 'a/b' })
    expect(redactor.redact(value)).toBe('[secret:a/b]')
    handle.remove()
    handle.remove()
    expect(redactor.redact(value)).toBe(value)
    expect(redactor.redact(Buffer.from(value).toString('base64'))).toBe(Buffer.from(value).toString('base64'))
    expect(redactor.size).toBe(0)
  })

  it('is redacted for the grace period after it was retired, and then forgotten', () => {
    const clock = manualTimer()
    const redactor = createRedactor({ clock })
    const handle = redactor.add({ value, label: 'a/b' })
    handle.retire()
    clock.pass(599_999)
    handle.retire()
    expect(redactor.redact(value)).toBe('[secret:a/b]')
    clock.pass(1)
    expect(redactor.redact(value)).toBe(value)
    expect(redactor.size).toBe(0)
  })

  it('is redacted as long as one of its uses is there, under the label of the newest', () => {
    const redactor = createRedactor()
    const first = redactor.add({ value, label: 'a/first' })
    const second = redactor.add({ value, label: 'a/second' })
    expect(redactor.size).toBe(1)
    expect(redactor.redact(value)).toBe('[secret:a/second]')
    second.remove()
    expect(redactor.redact(value)).toBe('[secret:a/first]')
    first.remove()
    expect(redactor.redact(value)).toBe(value)
  })

  it('is forgotten before its time when too many are retired, the oldest first', () => {
    const clock = manualTimer()
    const redactor = createRedactor({ clock, maxRetired: 2 })
    const values = ['first-value', 'second-value', 'third-value']
    for (const each of values) redactor.add({ value: each, label: 'a/b' }).retire()
    expect(redactor.redact(values.join())).toBe('first-value,[secret:a/b],[secret:a/b]')
    clock.pass(600_000)
    expect(redactor.size).toBe(0)
  })

  it('is a copy of the bytes that were given, which may be wiped', () => {
    const redactor = createRedactor()
    const bytes = Buffer.from(value)
    redactor.add({ value: bytes, label: 'a/b' })
    bytes.fill(0)
    expect(redactor.redact(value)).toBe('[secret:a/b]')
  })

  it('is found among many that begin and end alike, also after most of them were removed', () => {
    const redactor = createRedactor()
    const all = Array.from({ length: 2_000 }, (_, at) => `https://user:${(at * 7_919) % 100_003}-x@example.com/path`)
    const handles = all.map((each, at) => redactor.add({ value: each, label: `a/${at}` }))
    expect(redactor.redact(all.join(' '))).toBe(all.map((_, at) => `[secret:a/${at}]`).join(' '))
    for (const handle of handles.slice(1)) handle.remove()
    expect(redactor.redact(all.slice(0, 2).join(' '))).toBe(`[secret:a/0] ${all[1]}`)
    expect(redactor.size).toBe(1)
  })

  it('keeps the process alive no longer than it runs anyway', () => {
    const timers = process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
    const handle = createRedactor().add({ value, label: 'a/b' })
    handle.retire()
    expect(process.getActiveResourcesInfo().filter((each) => each === 'Timeout')).toHaveLength(timers)
    handle.remove()
  })
})

describe('the options', () => {
  it.each([[{ minBytes: 5 }], [{ graceMs: -1 }], [{ maxRetired: 1.5 }]])('refuse %o', (options) => {
    expect(() => createRedactor(options)).toThrow(TypeError)
  })

  it('refuse values and labels of another type', () => {
    const redactor = createRedactor()
    // @ts-expect-error A number is no value.
    expect(() => redactor.add({ value: 12345678, label: 'a/b' })).toThrow(TypeError)
    // @ts-expect-error A value has a label.
    expect(() => redactor.add({ value })).toThrow(TypeError)
    // @ts-expect-error A number is no text.
    expect(() => redactor.redact(12345678)).toThrow(TypeError)
  })
})
