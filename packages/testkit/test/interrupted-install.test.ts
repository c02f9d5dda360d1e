// An install that is interrupted leaves nothing behind that holds up the next one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { installedOnce } from '../src/install/install-once.ts'
import { accepts, freePort, loopback } from '../src/ports.ts'
import { runProgram } from '../src/run/program.ts'
import { until } from '../src/until.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpvault-interrupt-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('an interrupted install ends with its programs and gives back its lock', async () => {
  const target = join(folder, 'installed')
  const at = { host: loopback, port: await freePort() }
  const source = (name: string): string => JSON.stringify(fileURLToPath(new URL(`../src/${name}`, import.meta.url)))
  const entry = join(folder, 'entry.ts')
  // A shell whose own program, not the shell, is what goes on.
  const listener = `require('node:net').createServer().listen(${at.port}, '${at.host}')`
  const script = `'${process.execPath}' -e "${listener}" & wait`
  writeFileSync(
    entry,
    `import { runProgram } from ${source('run/program.ts')}
     import { installedOnce } from ${source('install/install-once.ts')}
     process.once('SIGTERM', () => process.exit(143))
     await installedOnce(${JSON.stringify(target)}, async () => void (await runProgram('sh', ['-c', ${JSON.stringify(script)}])))`,
  )
  const outfile = join(folder, 'entry.mjs')
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' })
  const child = spawn(process.execPath, [outfile], { stdio: 'inherit' })
  await until(() => accepts(at), { what: 'The start of what the install runs' })
  expect(existsSync(`${target}.lock`)).toBe(true)
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([143, null])
  expect(existsSync(`${target}.lock`)).toBe(false)
  await until(async () => !(await accepts(at)), { what: 'The end of what the install runs' })
  const install = vi.fn(async () => {})
  await installedOnce(target, install)
  expect(install).toHaveBeenCalledOnce()
})

test('a program that fails or is missing is an error with its name and what it printed', async () => {
  await expect(runProgram('sh', ['-c', 'echo broken; exit 3'])).rejects.toThrow(/sh -c failed: it ended with 3\nbroken/)
  await expect(runProgram(join(folder, 'nothing'), [])).rejects.toThrow(/nothing.*ENOENT/)
  expect(await runProgram('sh', ['-c', 'echo fine'])).toBe('fine\n')
})
