// What a reader copies: short files, and a Dockerfile and a compose file that fit the repository and hold no secret.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')
const root = join(folder, '..', '..')
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

describe('the sources', () => {
  const files = readdirSync(join(folder, 'src')).map((name) => ({ name, lines: read(`src/${name}`).split('\n') }))

  it('are 460 lines of code at most, in files of 120 lines at most', () => {
    expect(files.filter(({ lines }) => lines.length > 121).map(({ name }) => name)).toEqual([])
    const code = files.flatMap(({ lines }) => lines).filter((line) => !/^\s*(?:\/\/|\/\*\*|\*|$)/.test(line))
    expect(code.length).toBeGreaterThan(300)
    expect(code.length).toBeLessThanOrEqual(460)
  })
})

// No container runtime is needed for these: what the files say is held against the repository, not against Docker.
describe('the Dockerfile', () => {
  const lines = read('Dockerfile').split('\n')
  const final = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))

  it('uses the package manager of the repository, and a Node that it supports', () => {
    expect(lines.join('\n').match(/pnpm@[\d.]+/g)).toEqual([manifest.packageManager])
    const [, minimum] = /^>=(\d+)/.exec(manifest.engines.node) ?? []
    const images = lines.flatMap((line) => /^FROM node:(\d+)-/.exec(line)?.[1] ?? [])
    expect(images).toHaveLength(2)
    for (const major of images) expect(Number(major)).toBeGreaterThanOrEqual(Number(minimum))
  })

  it('runs what exists, as another user than root, and copies nothing from the context into the last stage', () => {
    expect(final.filter((line) => /^(?:COPY|ADD)/.test(line))).toEqual([
      'COPY --from=build --chown=root:root /app /app',
    ])
    expect(final.indexOf('USER node')).toBeGreaterThan(0)
    expect(final.indexOf('USER node')).toBeLessThan(final.indexOf('CMD ["node", "src/main.mjs"]'))
    expect(existsSync(join(folder, 'src', 'main.mjs'))).toBe(true)
    expect(existsSync(join(root, 'scripts', 'run.mjs'))).toBe(true)
  })

  it('has no secret, and leaves those of a clone out of its context', () => {
    expect(lines.filter((line) => /^(?:ARG|ENV)/.test(line) && /key|password|secret|token|_url/i.test(line))).toEqual(
      [],
    )
    const ignored = read('Dockerfile.dockerignore').split('\n')
    for (const path of ['.git', '**/.env', '**/*.key', 'examples/express-app/data', 'examples/express-app/secrets']) {
      expect(ignored).toContain(path)
    }
  })
})

describe('the compose file', () => {
  const text = read('compose.yaml')

  it('builds the Dockerfile that is there', () => {
    const [, context = ''] = /^ +context: (\S+)$/m.exec(text) ?? []
    const [, dockerfile = ''] = /^ +dockerfile: (\S+)$/m.exec(text) ?? []
    expect(join(folder, context)).toBe(root)
    expect(join(root, dockerfile)).toBe(join(folder, 'Dockerfile'))
  })

  it('takes the database for ready when the app can connect to it, not while the image makes it', () => {
    const [, check = '[]'] = /^ +test: (\[.*pg_isready.*\])$/m.exec(text) ?? []
    const words: readonly string[] = JSON.parse(check)
    expect(words).toContain('pg_isready')
    expect(words[words.indexOf('-h') + 1]).toBe('127.0.0.1')
  })

  it('has its secrets in files that git ignores, and none in a variable', () => {
    const files = [...text.matchAll(/^ +file: (\S+)$/gm)].map(([, path = '']) => path)
    expect(files).toEqual(['./secrets/vault.key', './secrets/postgres-password'])
    const ignored = execFileSync('git', ['check-ignore', ...files, 'data/vault.key'], { cwd: folder, encoding: 'utf8' })
    expect(ignored.trim().split('\n')).toHaveLength(3)
    const secretive = [...text.matchAll(/^ +(\w*(?:KEY|PASSWORD|TOKEN|SECRET)\w*): (\S+)$/gm)]
    expect(secretive.length).toBeGreaterThan(2)
    for (const [, name = '', value = ''] of secretive) {
      expect(name).toMatch(/_FILE$/)
      expect(value).toMatch(/^\/run\/secrets\/(?:vault-key|postgres-password)$/)
    }
    expect(text).toMatch(/DATABASE_URL: postgres:\/\/[\w]+@/)
  })

  it('opens its port to this machine alone, and gives the app what src/config.mjs and src/vault.mjs read', () => {
    expect([...text.matchAll(/^ +ports: (.*)$/gm)].map(([, ports]) => ports)).toEqual(['["127.0.0.1:3000:3000"]'])
    const app = text.slice(text.indexOf('\n  app:'), text.indexOf('\n  postgres:'))
    const variables = [...app.matchAll(/^ {6}([A-Z_]+): /gm)].map(([, name = '']) => name)
    expect(variables).toContain('DATABASE_PASSWORD_FILE')
    // The vault's own keyFromEnv reads the last one.
    const known = `${read('src/config.mjs')}${read('src/vault.mjs')} env['MCPVAULT_KEY_FILE']`
    expect(variables.filter((name) => !known.includes(`env['${name}']`))).toEqual([])
  })
})

describe('the screenshots', () => {
  it('are those that the README shows, and small', () => {
    const names = readdirSync(join(folder, 'screenshots')).sort()
    const shown = [...read('README.md').matchAll(/\(screenshots\/([\w-]+\.png)\)/g)].map(([, name = '']) => name)
    expect(shown.sort()).toEqual(names)
    const bytes = names.reduce((sum, name) => sum + statSync(join(folder, 'screenshots', name)).size, 0)
    expect(bytes).toBeLessThan(200_000)
  })
})
