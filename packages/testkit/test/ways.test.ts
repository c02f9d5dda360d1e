// The first way to a server that works is taken, and where there is none nobody overlooks it.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { installedOnce } from '../src/install/install-once.ts'
import { firstWay } from '../src/ways.ts'

afterEach(() => vi.unstubAllEnvs())

describe('the ways to a server', () => {
  const missing = { service: 'Anything', remedy: 'Install it.' }
  const broken = (): never => {
    throw new Error('no network')
  }
  beforeEach(() => vi.stubEnv('MCPVAULT_TEST_WAYS', undefined))

  it('are tried in their order, up to the first that gives something', async () => {
    const container = vi.fn(() => 'of the container')
    const tries = { container, debian: () => 'of Debian', machine: () => undefined }
    expect(await firstWay(missing, tries)).toEqual({ way: 'debian', what: 'of Debian' })
    expect(container).not.toHaveBeenCalled()
  })

  it('go on after one that fails', async () => {
    expect(await firstWay(missing, { package: broken, container: () => 'it' })).toEqual({
      way: 'container',
      what: 'it',
    })
  })

  it('are those that the environment leaves', async () => {
    vi.stubEnv('MCPVAULT_TEST_WAYS', 'package,container')
    const tries = { machine: () => 'of the machine', container: () => 'of the container' }
    expect(await firstWay(missing, tries)).toEqual({ way: 'container', what: 'of the container' })
  })

  it('are tried in the order of the environment', async () => {
    vi.stubEnv('MCPVAULT_TEST_WAYS', 'container,package')
    const tries = { package: () => 'of the package', container: () => 'of the container' }
    expect(await firstWay(missing, tries)).toEqual({ way: 'container', what: 'of the container' })
  })

  it('end in an error that says what failed and how to get the service', async () => {
    await expect(firstWay(missing, { machine: () => undefined, package: broken })).rejects.toMatchObject({
      service: 'Anything',
      message: expect.stringMatching(/Install it\.\s.*package: no network/),
    })
  })
})

describe('an install', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcpvault-once-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('happens once, however many ask for it', async () => {
    const install = vi.fn(async () => {})
    const path = join(folder, 'it')
    await Promise.all(Array.from({ length: 5 }, () => installedOnce(path, install)))
    expect(await installedOnce(path, install)).toBe(path)
    expect(install).toHaveBeenCalledOnce()
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  it('that was interrupted is done again', async () => {
    const path = join(folder, 'it')
    await expect(installedOnce(path, () => Promise.reject(new Error('broken off')))).rejects.toThrow('broken off')
    const install = vi.fn(async () => {})
    await installedOnce(path, install)
    expect(install).toHaveBeenCalledOnce()
  })
})

describe('suites whose servers cannot be had', () => {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

  /** Runs the suites of all services in a Vitest of its own, where no way to a server is left. */
  function run(environment: NodeJS.ProcessEnv): Promise<{ readonly code: unknown; readonly output: string }> {
    const given = Object.keys(process.env).filter((name) => /^MCPVAULT_TEST_\w+_URL$/.test(name))
    const without = Object.fromEntries(given.map((name) => [name, undefined]))
    const env = { ...process.env, ...without, CI: '', NO_COLOR: '1', MCPVAULT_TEST_WAYS: 'none', ...environment }
    const args = [vitest, 'run', 'test/services.test.ts', 'test/browser.test.ts']
    return new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: join(import.meta.dirname, '..'), env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, output: `${stdout}${stderr}` }),
      )
    })
  }

  it('are skipped loudly, with the way to get each', async () => {
    const { code, output } = await run({})
    for (const name of ['Postgres', 'Redis', 'MongoDB', 'OpenBao']) {
      expect(output).toMatch(
        new RegExp(`SKIPPED ${name}: ${name} could not be found.* Install .*MCPVAULT_TEST_\\w+_URL`),
      )
    }
    expect(output).toMatch(/SKIPPED Chromium: Chromium could not be found.* Install .*MCPVAULT_TEST_CHROMIUM/)
    expect(output).toMatch(/Tests +\d+ skipped \(/)
    expect(code).toBe(0)
  })

  it('fail with CI=true', async () => {
    const { code, output } = await run({ CI: 'true' })
    expect(output).toMatch(/FAIL .*Redis/)
    expect(output).toContain('Redis could not be found')
    expect(output).toContain('Chromium could not be found')
    expect(code).toBe(1)
  })
})
