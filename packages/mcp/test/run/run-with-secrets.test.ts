// runWithSecrets in a process of its own: what the child gets, what passes through, and how the run ends.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { writingIn } from '@mcpvault/testkit/canary'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram } from '../support/bundle.ts'
import { startRun } from '../support/run.ts'
import { makeToken } from '../support/user-vault.ts'

let program = ''
beforeAll(async () => {
  program = await bundleProgram(new URL('../support/run-program.ts', import.meta.url))
})

const node = (code: string, ...args: string[]) => ({ command: process.execPath, args: ['-e', code, '--', ...args] })
const printEnv = node('process.stdout.write(JSON.stringify(process.env))')

describe('the child', () => {
  it('[A26] gets the declared secrets, the environment of the caller, and nothing that holds a master key', async () => {
    const [token, password, other, master] = [makeToken(), makeToken(), makeToken(), makeToken()]
    const secrets = {
      'github/API_KEY': token,
      'github/OTHER': other,
      'db/main': { user: 'me', password },
    }
    const map = { DB_PASSWORD: 'mcpvault://db/main#password' }
    const env = {
      HOME: '/nowhere',
      GITHUB_TOKEN: 'mcpvault://github/API_KEY@1',
      MCPVAULT_KEY: master,
      MCPVAULT_KEY_FILE: '/nowhere/key',
      MCPVAULT_KEY_PROD: master,
      MCPVAULT_PREVIOUS_KEYS: master,
      SECRETS_KEY: master,
      MASTER_PASSWORD: master,
      ENCRYPTION_SALT: master,
      MY_COPY: master,
      DATABASE_URL: 'postgres://localhost/app',
    }
    const run = startRun(program, { secrets, options: { ...printEnv, server: 'github', only: ['API_KEY'], map } }, env)
    const { code, stdout, stderr } = await run.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { PATH: _path, ...got } = JSON.parse(stdout.toString())
    expect(got).toEqual({
      HOME: '/nowhere',
      DATABASE_URL: 'postgres://localhost/app',
      API_KEY: token,
      GITHUB_TOKEN: token,
      DB_PASSWORD: password,
    })
  })

  it('[S35] gets values that no file of the program has, before and after', async () => {
    const token = makeToken()
    const run = startRun(
      program,
      {
        secrets: { 'github/token': token },
        options: { ...node('console.log(process.env.TOKEN.length)') },
        files: ['.env'],
      },
      { TOKEN: 'mcpvault://github/token' },
    )
    expect((await run.ended).stdout.toString()).toBe(`${token.length}\n`)
    const files = readdirSync(run.folder, { recursive: true, encoding: 'utf8' })
    expect(files).toEqual(['.env'])
    for (const file of files)
      expect(writingIn(readFileSync(join(run.folder, file)), Buffer.from(token))).toBeUndefined()
  })

  it('has the standard input and output of the caller, byte for byte', async () => {
    const token = makeToken()
    const options = { ...node('process.stdin.pipe(process.stdout)'), server: 'github', only: ['TOKEN'] }
    const run = startRun(program, { secrets: { 'github/TOKEN': token }, options })
    const sent = Buffer.concat([
      Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256)),
      Buffer.from(token),
    ])
    run.child.stdin.end(sent)
    expect(sent.equals((await run.ended).stdout)).toBe(true)
  })

  it('is started by no shell', async () => {
    const hostile = ['$(touch pwned)', '; touch pwned', '`touch pwned`', '*', '"', "'", '%PATH%', '']
    const run = startRun(program, {
      secrets: {},
      options: node('console.log(JSON.stringify(process.argv.slice(1)))', ...hostile),
    })
    expect(JSON.parse((await run.ended).stdout.toString())).toEqual(hostile)
    expect(existsSync(join(run.folder, 'pwned'))).toBe(false)
  })

  it('[N16] writes to standard error without the values, in any encoding and in pieces', async () => {
    const token = makeToken()
    const code = `const t = process.env.TOKEN
      process.stderr.write('raw ' + t + '\\n')
      process.stderr.write('basic ' + Buffer.from('me:' + t).toString('base64') + '\\n')
      process.stderr.write('hex ' + Buffer.from(t).toString('hex') + '\\n')
      const write = (at) => at < t.length ? process.stderr.write(t[at], () => setImmediate(write, at + 1)) : process.stderr.write(' end \\xff')
      write(0)`
    const options = { ...node(code), server: 'github', only: ['TOKEN'] }
    const { stderr } = await startRun(program, { secrets: { 'github/TOKEN': token }, options }).ended
    expect(writingIn(stderr, Buffer.from(token))).toBeUndefined()
    expect(stderr).toContain('raw [secret:github/TOKEN]\n')
    expect(stderr).toMatch(/\[secret:github\/TOKEN\] end /)
  })
})

describe('a client that reads no standard error', () => {
  it('does not end the run', async () => {
    const code = `process.stdin.once('data', () => process.stderr.write('x'.repeat(100_000), () => process.exit(3)))
      console.log('ready')`
    const run = startRun(program, { secrets: {}, options: node(code) })
    await run.printed('ready')
    run.child.stderr.destroy()
    run.child.stdin.write('go')
    expect(await run.ended).toMatchObject({ code: 3 })
  })
})

describe('the exit code', () => {
  it.each([0, 1, 7, 255])('is that of the child: %i', async (code) => {
    const run = startRun(program, { secrets: {}, options: node(`process.exit(${code})`) })
    expect((await run.ended).code).toBe(code)
  })

  it.each(['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const)(
    'is 128 and the number of %s that ended the child',
    async (signal) => {
      const run = startRun(program, {
        secrets: {},
        options: node(`process.kill(process.pid, '${signal}'); setInterval(() => {}, 1e6)`),
      })
      expect((await run.ended).code).toBe(128 + constants.signals[signal])
    },
  )

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)(
    'is what the child makes of %s, which is passed on',
    async (signal) => {
      const code = `process.once('${signal}', () => { console.log('got it'); process.exit(9) }); console.log('ready'); setInterval(() => {}, 1e6)`
      const run = startRun(program, { secrets: {}, options: node(code) })
      await run.printed('ready')
      run.child.kill(signal)
      const { code: ended, stdout } = await run.ended
      expect({ ended, stdout: stdout.toString() }).toEqual({ ended: 9, stdout: 'ready\ngot it\n' })
    },
  )

  it('is 127 for a command that is not there, and 126 for one that is no program', async () => {
    const missing = await startRun(program, { secrets: {}, options: { command: 'no-such-program-here' } }).ended
    expect(missing).toMatchObject({ code: 127, stderr: 'mcpvault: no-such-program-here was not found.\n' })
    const run = startRun(program, { secrets: {}, options: { command: './data.txt' }, files: ['data.txt'] })
    expect(await run.ended).toMatchObject({
      code: 126,
      stderr: 'mcpvault: ./data.txt could not be started (EACCES).\n',
    })
  })
})

describe('without a child', () => {
  const marked = node(`require('node:fs').writeFileSync('started', '')`)
  const secrets = { 'github/TOKEN': makeToken(), 'db/main': { user: 'me' } }

  it.each([
    [
      78,
      'every missing secret is named at once, with its variable in the environment',
      {
        server: 'github',
        only: ['TOKEN', 'NONE'],
        map: { DB: 'mcpvault://db/main#password', MAIL: 'mcpvault://mail/password' },
      },
      undefined,
      [
        '3 secrets cannot be used',
        '"NONE" for the server "github"',
        '"password" for the server "mail"',
        'other fields than it has: "password"',
      ],
    ],
    [
      77,
      'one that may not be read',
      { server: 'github', only: ['TOKEN', 'NONE'] },
      'deny TOKEN',
      ['"TOKEN" for the server "github": you may not read it', '"NONE"'],
    ],
    [69, 'a store that is away', { server: 'github', only: ['TOKEN'] }, 'store', ['The store failed']],
    [2, 'a name without a server', { only: ['TOKEN'] }, undefined, ['only needs a server']],
    [
      2,
      'a malformed reference',
      { map: { A: 'mcpvault://github' } },
      undefined,
      ['map.A must be mcpvault://server/name'],
    ],
    [
      2,
      'a variable of the vault',
      { map: { MCPVAULT_KEY: 'mcpvault://github/TOKEN' } },
      undefined,
      ['map must not set'],
    ],
    [2, 'a folder that is not there', { cwd: './none' }, undefined, ['cwd must be a folder']],
  ] as const)('it is %i: %s', async (expected, _what, options, fault, texts) => {
    const run = startRun(program, {
      secrets,
      options: { ...marked, ...options },
      ...(fault === undefined ? {} : { fault }),
    } as never)
    const { code, stdout, stderr } = await run.ended
    expect({ code, stdout: stdout.toString() }, stderr).toEqual({ code: expected, stdout: '' })
    for (const text of texts) expect(stderr).toContain(text)
    expect(existsSync(join(run.folder, 'started'))).toBe(false)
  })

  it('an unresolved reference of the environment is never passed on', async () => {
    const run = startRun(program, { secrets, options: marked }, { API_KEY: 'mcpvault://nowhere/key' })
    expect(await run.ended).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('"key" for the server "nowhere"'),
    })
    expect(existsSync(join(run.folder, 'started'))).toBe(false)
  })
})
