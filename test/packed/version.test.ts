// The next versions, made in a copy: all packages have the same one, and take the core of that version.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repositoryFiles, root } from '../files.ts'
import { freshFolder, publishedNames } from './project.ts'

let copy = ''

beforeAll(() => {
  copy = freshFolder()
  const needed = /^(?:\.changeset\/.*|scripts\/.*|pnpm-(?:workspace|lock)\.yaml|biome\.json|(?:.*\/)?package\.json)$/
  for (const path of repositoryFiles().filter((each) => needed.test(each))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(root, path), join(copy, path))
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  git('init', '--quiet')
})

afterAll(() => rmSync(copy, { recursive: true }))

describe('the next versions', () => {
  it.each(['first', 'second'])('are the same for all after a change of core alone, the %s time', (time) => {
    const before = releaseOf('core').version
    writeFileSync(join(copy, `.changeset/${time}.md`), "---\n'@mcpvault/core': minor\n---\n\nA change.\n")
    commit()
    version()
    const next = before.replace(/\.(\d+)\.\d+$/, (_, minor) => `.${Number(minor) + 1}.0`)
    for (const name of publishedNames()) {
      expect(releaseOf(name)).toEqual({ version: next, core: name === 'core' ? undefined : `^${next}` })
      expect(existsSync(join(copy, 'packages', name, 'CHANGELOG.md'))).toBe(true)
    }
  })
})

function version(): void {
  execFileSync(process.execPath, ['scripts/version.mjs'], { cwd: copy, stdio: 'pipe', timeout: 60_000 })
}

function releaseOf(name: string): { readonly version: string; readonly core: string | undefined } {
  const manifest = JSON.parse(readFileSync(join(copy, 'packages', name, 'package.json'), 'utf8'))
  return { version: manifest.version, core: manifest.peerDependencies['@mcpvault/core'] }
}

function commit(): void {
  git('add', '--all')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'a state')
}

function git(...args: readonly string[]): void {
  execFileSync('git', args, { cwd: copy, stdio: 'pipe', timeout: 60_000 })
}
