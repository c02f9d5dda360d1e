// The demo as `npm run demo` starts it: what it tells, and that it leaves nothing behind, however it ends.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WriteStream } from 'node:tty'
import { describe, expect, it } from 'vitest'
import { createNarrator } from '../src/narrator.mjs'
import { coloured, paletteFor, plain } from '../src/palette.mjs'
import { type DemoRun, runDemo } from './support/run-demo.ts'

const nothingLeft = { leftFiles: [], leftProcesses: 'none' }

function leftBy({ leftFiles, leftProcesses }: DemoRun): Pick<DemoRun, 'leftFiles' | 'leftProcesses'> {
  return { leftFiles, leftProcesses }
}

describe('the story', () => {
  it('has every chapter, no token and no colour, fits 80 columns and leaves nothing behind', async () => {
    const run = await runDemo({ env: { TERM: 'xterm-256color' } })
    const { code, output, errors } = run
    expect(output).toContain('Every step went as told')
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output.match(/^\d\. /gm)).toHaveLength(8)
    expect(output).not.toMatch(/demo_[\w-]{8}/)
    expect(output).not.toContain('\u001b')
    const lines = output.split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines.length).toBeLessThan(80)
    expect(leftBy(run)).toEqual(nothingLeft)

    // Both users get their own, by one server.
    expect(output).toMatch(/whoami, 10 calls each +alice is always alice, bob is always bob\n/)
    expect(output).toMatch(/bob, "user": "alice" +#3 "Not mine" by bob\n/)
    // The third is asked for her token by a link that is hers alone, and the server with one secret has no key.
    expect(output).toMatch(/alice opens the link +refused with 403/)
    expect(output).toMatch(/the same call goes on +carol\n/)
    expect(output).toMatch(/alice whoami +alice, by ISSUES_TOKEN in its environment\n/)
    // The rows of the trail add up to what was verified.
    const times = [...output.matchAll(/(?:allowed|denied|missing|-) +(\d+)$/gm)].map(([, count]) => Number(count))
    const verified = Number(/ok: all (\d+) events/.exec(output)?.[1])
    expect(times.reduce((sum, count) => sum + count, 0)).toBe(verified)
    expect(output.trimEnd().split('\n').at(-3)).toContain('examples/quickstart/quickstart.mjs')
  })

  it('ends with code 1 and the sentence that is false, when a step goes wrong', async () => {
    // The issues API knows nobody.
    const broken = `const real = fetch
      globalThis.fetch = async (url, ...rest) => (/user$/.test(url) ? new Response('', { status: 500 }) : real(url, ...rest))`
    const run = await runDemo({ preload: `data:text/javascript,${encodeURIComponent(broken)}` })
    expect(run.code).toBe(1)
    expect(run.errors).toContain('expected that each user is known to the API by their own token')
    expect(run.output).not.toContain('Every step went as told')
    expect(leftBy(run)).toEqual(nothingLeft)
  })

  it.each([
    ['SIGINT', 130, '2. '],
    ['SIGTERM', 143, '3. '],
    ['SIGHUP', 129, '3. '],
    ['SIGINT', 130, 'MCPVault'],
    ['SIGTERM', 143, 'ISSUES_TOKEN'],
  ] as const)('clears up when %s ends it (exit code %i) after "%s"', async (signal, expected, mark) => {
    const run = await runDemo({ atMark: { mark, signal } })
    expect(run.code, run.errors).toBe(expected)
    expect(run.output).not.toContain('Every step went as told')
    expect(leftBy(run)).toEqual(nothingLeft)
  })

  it('leaves no key behind and fails nothing when its reader closes the pipe', async () => {
    let filesThen: readonly string[] = []
    const run = await runDemo({
      atMark: { mark: '2. ', file: 'closed' },
      started(child, folder) {
        let heard = ''
        child.stdout.on('data', (chunk) => {
          heard += chunk
          if (!heard.includes('2. ')) return
          filesThen = readdirSync(folder, { recursive: true, encoding: 'utf8' })
          child.stdout.once('close', () => writeFileSync(join(folder, 'closed'), ''))
          child.stdout.destroy()
        })
      },
    })
    expect(filesThen).toContainEqual(expect.stringMatching(/vault\.key$/))
    expect({ code: run.code, errors: run.errors, ...leftBy(run) }).toEqual({ code: 0, errors: '', ...nothingLeft })
  })
})

describe('the arguments', () => {
  it.each(['--help', '-h'])('%s tells what the demo is, and starts nothing', async (option) => {
    const run = await runDemo({ args: [option] })
    expect(run).toMatchObject({ code: 0, errors: '', ...nothingLeft })
    expect(run.output).toMatch(/^Usage: npm run demo/)
    expect(run.output.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(run.output).not.toContain('1. ')
  })

  it('another one is refused with code 2 and the usage', async () => {
    const run = await runDemo({ args: ['--fast'] })
    expect(run).toMatchObject({ code: 2, output: '', ...nothingLeft })
    expect(run.errors).toMatch(/^There is no option "--fast"\.\n\nUsage: npm run demo/)
  })
})

describe('the narrator', () => {
  it('refuses to print a secret', () => {
    const written: string[] = []
    const write = (text: string): number => written.push(text)
    const narrator = createNarrator({ write, secrets: ['demo_secret'], palette: plain })
    narrator.fact('token', '[secret]')
    expect(() => narrator.fact('token', 'it is demo_secret')).toThrow('about to print a secret')
    expect(written.join('')).toBe('   token                  [secret]\n')
  })

  it('uses colours on a terminal', () => {
    const written: string[] = []
    const write = (text: string): number => written.push(text)
    createNarrator({ write, secrets: [], palette: coloured }).good('token', '[secret]')
    expect(written.join('')).toBe(`   \u001b[2m${'token'.padEnd(22)}\u001b[22m \u001b[32m[secret]\u001b[39m\n`)
  })

  it.each([
    ['a terminal', true, {}, coloured],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, plain],
    ['a terminal without colours', true, { TERM: 'dumb' }, plain],
    ['a pipe', false, {}, plain],
  ] as const)('on %s', (_what, isTTY, env, expected) => {
    const { hasColors, getColorDepth } = WriteStream.prototype
    expect(paletteFor({ isTTY, hasColors, ...{ getColorDepth } }, { TERM: 'xterm-256color', ...env })).toBe(expected)
  })
})
