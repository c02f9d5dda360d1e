// Logs: a console and pino print no live value.
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/index.ts'

const value = 'a-value-"to"-keep'
const lines = 'first line of a key\nsecond line of a key'
const mark = '[secret:github/token]'

function redactorOf(): ReturnType<typeof createRedactor> {
  const redactor = createRedactor()
  redactor.add({ value, label: 'github/token' })
  redactor.add({ value: lines, label: 'ssh/key' })
  return redactor
}

function recorded(): { readonly stream: Writable; readonly text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return { stream, text: () => text }
}

class Client {
  readonly token = value
}

describe('a console', () => {
  it('[N16] prints no value, whichever method and however it is given', () => {
    const { stream, text } = recorded()
    const target = new Console({ stdout: stream, stderr: stream })
    const restore = redactorOf().wrapConsole(target)
    for (const method of ['log', 'info', 'debug', 'warn', 'error', 'trace', 'group', 'dirxml'] as const) {
      target[method]('%s and %j', value, { value }, value)
    }
    target.log(
      { deep: [{ value, lines }] },
      new Client(),
      new Error(`no ${value}`, { cause: value }),
      new Map([[value, lines]]),
    )
    target.log(`100%d %s`, value)
    target.dir({ value }, { depth: 0 })
    target.table([{ value }])
    target.assert(false, value)
    target.time(value)
    target.timeEnd(value)
    target.count(value)
    target.log()
    restore()
    expect(text()).not.toMatch(/a-value|first line|second line/)
    expect(text()).toContain(mark)
    expect(text()).toContain('[secret:ssh/key]')
    target.log(value)
    expect(text()).toContain(value)
  })

  it('[N16] prints no value of an object of a class, whose long texts it breaks over lines and cuts off', () => {
    const { stream, text } = recorded()
    const target = new Console({ stdout: stream, stderr: stream })
    const redactor = redactorOf()
    const key = ['-----BEGIN', 'A'.repeat(60), 'B'.repeat(60)].join('\n')
    const long = `C${'D'.repeat(12_000)}E`
    redactor.add({ value: key, label: 'ssh/long' })
    redactor.add({ value: long, label: 'a/long' })
    class Signer {
      readonly deep = { key, long }
      readonly other = 'F'.repeat(60)
    }
    const restore = redactor.wrapConsole(target)
    target.log('made', new Signer())
    target.log(Object.assign(() => 1, { key, long }))
    target.dir(new Signer(), { depth: 3 })
    target.log(new Client(), 'G'.repeat(60))
    restore()
    expect(text()).not.toMatch(/BEGIN|AAA|BBB|DDD|a-value/)
    expect(text()).toContain('Signer')
    expect(text().match(/\[secret:ssh\/long\]/g)).toHaveLength(3)
  })

  it('is as it was after it was restored', () => {
    const { stream } = recorded()
    const target = new Console({ stdout: stream, stderr: stream })
    const before = Object.getOwnPropertyDescriptors(target)
    redactorOf().wrapConsole(target)()
    expect(Object.getOwnPropertyDescriptors(target)).toEqual(before)
  })
})

describe('pino', () => {
  it('[N16] writes no value, and valid lines of JSON', () => {
    const { stream, text } = recorded()
    const redactor = redactorOf()
    redactor.add({ value: '4815162342', label: 'a/pin' })
    const log = pino({ hooks: redactor.pinoHooks() }, stream)
    const child = log.child({ bound: value })
    child.info({ token: value, url: encodeURIComponent(value), pin: 4815162342 }, `with ${value}`)
    child.error(new Error(`no ${value}`, { cause: new Error(value) }))
    child.info({ nested: JSON.stringify({ lines, value }) }, 'nested %s', value)
    expect(text()).not.toMatch(/a-value|first line|4815162342/)
    const records = text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records).toHaveLength(3)
    expect(records[0]).toMatchObject({ bound: mark, token: mark, pin: '[secret:a/pin]', msg: `with ${mark}` })
    expect(JSON.parse(records[2].nested)).toEqual({ lines: '[secret:ssh/key]', value: mark })
  })
})
