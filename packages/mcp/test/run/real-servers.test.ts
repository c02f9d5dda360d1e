// Servers from npm, as they are, started with secrets in their environment and called by clients of both lines.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { writingIn } from '@mcpvault/testkit/canary'
import { connectClient } from '@mcpvault/testkit/mcp'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram } from '../support/bundle.ts'
import { runArguments } from '../support/run.ts'
import { makeToken } from '../support/user-vault.ts'

let program = ''
beforeAll(async () => {
  program = await bundleProgram(new URL('../support/run-program.ts', import.meta.url))
})

const require = createRequire(import.meta.url)
/** The file that each package of npm starts. */
const everything = join(
  dirname(require.resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist/index.js',
)
const filesystem = join(
  dirname(require.resolve('@modelcontextprotocol/server-filesystem/package.json')),
  'dist/index.js',
)

const environment = { PATH: process.env['PATH'] ?? '', MCPVAULT_KEY: makeToken(), ENCRYPTION_SALT: makeToken() }

describe.each(['1.x', '2.x'] as const)('a client of %s', (kind) => {
  it('[A26] reaches server-everything, whose environment has the declared secret and no key', async () => {
    const token = makeToken()
    const { args } = runArguments(program, {
      secrets: { 'everything/token': token, 'everything/other': makeToken() },
      options: {
        command: process.execPath,
        args: [everything, 'stdio'],
        server: 'everything',
        map: { API_KEY: 'token' },
      },
    })
    const client = await connectClient({ kind, target: { command: process.execPath, args, env: environment } })
    const names = await client.tools()
    const printEnv = names.find((name) => /env/i.test(name)) ?? ''
    const { text } = await client.call(printEnv)
    const env = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
    expect(env.API_KEY).toBe(token)
    for (const name of ['MCPVAULT_KEY', 'ENCRYPTION_SALT', 'OTHER', 'other']) expect(env).not.toHaveProperty(name)
  })

  it('reaches server-filesystem, which reads the folder that it was given', async () => {
    const token = makeToken()
    const setup = { secrets: { 'files/token': token } }
    const { folder } = runArguments(program, { ...setup, options: { command: '' } })
    writeFileSync(join(folder, 'notes.txt'), 'hello')
    const { args } = runArguments(program, {
      ...setup,
      options: {
        command: process.execPath,
        args: [filesystem, folder],
        server: 'files',
        map: { API_KEY: 'token' },
      },
    })
    const client = await connectClient({ kind, target: { command: process.execPath, args, env: environment } })
    expect(await client.tools()).toContain('list_allowed_directories')
    expect((await client.call('list_allowed_directories')).text).toContain(folder)
    expect(writingIn(client.said.join('\n'), Buffer.from(token))).toBeUndefined()
  })
})
