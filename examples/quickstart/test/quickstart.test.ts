// The first things that a newcomer runs: the quick start of the README, word for word, and the example file.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKey } from '@mcpvault/core'
import { expect, it, onTestFinished } from 'vitest'

const folder = join(import.meta.dirname, '..')

/** Runs a program of this folder with bare Node, in an empty working folder, and returns what it printed. */
function runNode(path: string): string {
  const cwd = mkdtempSync(join(tmpdir(), 'mcpvault-quickstart-test-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const env = { PATH: process.env['PATH'], TMPDIR: cwd, MCPVAULT_KEY: generateKey() }
  return execFileSync(process.execPath, [path], { cwd, env, encoding: 'utf8' })
}

/** The code of the first TypeScript fence of the README. */
function readmeQuickStart(): string {
  const readme = readFileSync(join(folder, '..', '..', 'README.md'), 'utf8')
  return /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
}

it('[S45] the quick start of the README has at most 15 lines and runs verbatim', () => {
  const code = readmeQuickStart()
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(15)
  expect(code).toContain('createVault')
  const path = join(folder, '.cache', 'readme.mjs')
  mkdirSync(join(folder, '.cache'), { recursive: true })
  writeFileSync(path, code)
  expect(runNode(path)).toBe('[secret]\na token of alice\nundefined\n')
})

it('a CommonJS program loads the packages with require', () => {
  const path = join(folder, '.cache', 'required.cjs')
  mkdirSync(join(folder, '.cache'), { recursive: true })
  const names = ['core', 'sqlite'].map((name) => `...Object.keys(require('@mcpvault/${name}'))`)
  writeFileSync(path, `console.log([${names}].filter((name) => /^(createVault|sqliteStore)$/.test(name)).join())`)
  expect(runNode(path)).toBe('createVault,sqliteStore\n')
})

it('the example runs on bare Node and shows the value only where it asks for it', () => {
  const lines = runNode(join(folder, 'quickstart.mjs')).trim().split('\n')
  expect(lines.slice(0, 2)).toEqual(['printed: [secret], revealed: a token of alice', 'bob sees: undefined'])
  expect(lines.slice(2).map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'secret.accessed bob denied',
    'secret.accessed alice allowed',
    'secret.created alice allowed',
  ])
})
