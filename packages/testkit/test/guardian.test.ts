// A server does not outlive the tests that started it, however they end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@mcpvault/testkit/eventually'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { accepts } from '../src/ports.ts'

test('a server and its folder are gone after the tests were killed', async () => {
  const services = fileURLToPath(new URL('../src/services/redis.ts', import.meta.url))
  // Below the packages of the kit, so that the bundle finds the driver there.
  const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url))
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'guardian-'))
  try {
    const entry = join(folder, 'entry.ts')
    const program = `import { startRedis } from ${JSON.stringify(services)}
      const server = await startRedis()
      const [, directory] = await server.call('CONFIG', 'GET', 'dir') as string[]
      console.log(JSON.stringify({ port: server.port, directory }))
      setInterval(() => {}, 1_000)`
    writeFileSync(entry, program)
    const outfile = join(folder, 'entry.mjs')
    const options = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const
    await build({ entryPoints: [entry], outfile, external: ['ioredis'], ...options })
    const child = spawn(process.execPath, [outfile], { cwd: dirname(services), stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(child.stdout, 'data')
    const { port, directory }: { port: number; directory: string } = JSON.parse(String(line))
    expect(await accepts({ host: '127.0.0.1', port })).toBe(true)
    expect(existsSync(directory)).toBe(true)
    child.kill('SIGKILL')
    await eventually(async () => expect(await accepts({ host: '127.0.0.1', port })).toBe(false))
    await eventually(() => expect(existsSync(directory)).toBe(false))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
