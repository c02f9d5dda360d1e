// The first commands of the README, as a reader types them: the key that they make is there at the next start.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readPage } from './docs/markdown.ts'
import { readText, root } from './files.ts'

// This example depends on the packages that the README installs.
const cache = join(root, 'examples', 'mcp-server', '.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'readme-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [commands, program] = readPage(readText('README.md')).fences
const [, start = 'false'] = /`(node [^`]*app\.mjs)`/.exec(readText('README.md')) ?? []
const script = (commands?.code ?? '')
  .split('\n')
  .filter((line) => !line.startsWith('npm install'))
  .concat(start)
  .join('\n')

function shell(): ReturnType<typeof spawnSync> {
  const env = { PATH: process.env['PATH'], HOME: folder }
  return spawnSync('sh', ['-c', script], { cwd: folder, env, encoding: 'utf8', timeout: 60_000 })
}

it('make a private .env, keep it, and open the same vault from every new shell', () => {
  writeFileSync(join(folder, 'app.mjs'), program?.code ?? '')
  const first = shell()
  expect(first.status, String(first.stderr)).toBe(0)
  expect(first.stdout).toContain('a token of alice')
  const path = join(folder, '.env')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const key = readFileSync(path, 'utf8')
  expect(key).toMatch(/^MCPVAULT_KEY=[\w-]{43}\n$/)
  const second = shell()
  expect(second.status, String(second.stderr)).toBe(0)
  expect(second.stdout).toContain('a token of alice')
  expect(readFileSync(path, 'utf8')).toBe(key)
  expect(existsSync(join(folder, 'vault.db'))).toBe(true)
})
