// runWithSecrets in this process: aborting it, the signals that it listens to, and who may hold standard error open.
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { runWithSecrets } from '../../src/run/index.ts'
import { userVault } from '../support/test-vault.ts'

interface Options {
  readonly signal?: AbortSignal
  readonly command?: string
  readonly args?: readonly string[]
}

async function start(code: string, options: Options = {}) {
  const { vault, tokens } = await userVault()
  const signals = new EventEmitter()
  const stderr = new PassThrough()
  let written = ''
  stderr.on('data', (chunk: Buffer) => {
    written += chunk.toString()
  })
  const printed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (written.includes(text)) resolve()
      }
      stderr.on('data', check)
      check()
    })
  const run = runWithSecrets({
    session: vault.as({ id: 'alice' }),
    server: 'issues',
    map: { TOKEN: 'token' },
    env: { PATH: process.env['PATH'] },
    command: process.execPath,
    args: ['-e', code],
    stderr,
    signals,
    ...options,
  })
  return { run, signals, printed, tokens, written: () => written }
}

const waiting = `process.stderr.write('ready\\n'); setInterval(() => {}, 1e6)`

describe('a run', () => {
  it('listens to signals while the child lives, and no longer', async () => {
    const { run, signals, printed } = await start(waiting)
    await printed('ready')
    expect(signals.listenerCount('SIGTERM')).toBe(1)
    signals.emit('SIGTERM', 'SIGTERM')
    expect(await run).toEqual({ exitCode: 143 })
    expect(signals.eventNames()).toEqual([])
  })

  it('that is aborted ends the child', async () => {
    const controller = new AbortController()
    const { run, printed } = await start(waiting, { signal: controller.signal })
    await printed('ready')
    controller.abort()
    expect(await run).toEqual({ exitCode: 143 })
  })

  it('that was aborted before starts nothing', async () => {
    const { run, written } = await start(waiting, { signal: AbortSignal.abort(new Error('enough')) })
    expect(await run).toMatchObject({ exitCode: 70, message: 'enough' })
    expect(written()).toBe('mcpvault: enough\n')
  })

  it.each([
    ['an argument too long for the system', 126, { args: ['x'.repeat(3_000_000)] }],
    ['a path too long for the system', 126, { command: `/${'x'.repeat(5_000)}` }],
    ['a path through a file', 127, { command: `${process.execPath}/node` }],
  ])('with %s is %i and rejects not', async (_what, exitCode, options) => {
    const { run, signals, written } = await start('', options)
    expect(await run).toMatchObject({ exitCode, message: expect.any(String) })
    expect(written()).toMatch(/^mcpvault: /)
    expect(signals.eventNames()).toEqual([])
  })

  it('[N16] ends although a grandchild holds standard error open, and shows what came until then', async () => {
    const code = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 8000)'], { detached: true, stdio: ['ignore', 'ignore', 'inherit'] }).unref()
      process.stderr.write('last words ' + process.env.TOKEN)`
    const { run, written, tokens } = await start(code)
    expect(await run).toEqual({ exitCode: 0 })
    expect(written()).toBe('last words [secret:issues/token]')
    expect(written()).not.toContain(tokens.alice)
  })
})
