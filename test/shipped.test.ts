// What is shipped can be read: a stack trace shows lines of a sane length, and source maps lead back to the sources.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { root } from './files.ts'

const maxLine = 1_000

const files = readdirSync(join(root, 'packages')).flatMap((name) => {
  const dist = join(root, 'packages', name, 'dist')
  if (!existsSync(dist)) return []
  // What browsers load is minified: no stack trace of a server shows it.
  const paths = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.js') && !path.startsWith(join('page', 'assets')),
  )
  return paths.map((path) => ({ name: `${name}/dist/${path}`, path: join(dist, path) }))
})

describe('the built packages', () => {
  it('are found', () => {
    expect(files.map(({ name }) => name)).toContain('core/dist/index.js')
  })

  it.each(files)('have lines to read and a source map: $name', ({ path }) => {
    const text = readFileSync(path, 'utf8')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(maxLine)
    expect(text).toMatch(/\n\/\/# sourceMappingURL=\S+\.map\s*$/)
    expect(existsSync(`${path}.map`)).toBe(true)
  })

  it('[A34] say what to do about a forgotten key within the first lines of the crash', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcpvault-shipped-'))
    try {
      const core = JSON.stringify(pathToFileURL(join(root, 'packages/core/dist/index.js')).href)
      const code = `const { keyFromEnv } = await import(${core}); keyFromEnv()`
      const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '' },
        encoding: 'utf8',
      })
      expect(status).toBe(1)
      const lines = stderr.split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(maxLine)
      expect(lines.slice(0, 6).join('\n')).toContain('No encryption key found. Set MCPVAULT_KEY')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
