// The entry runs in a browser: it needs nothing of Node, and nothing else of the package.
import { fileURLToPath } from 'node:url'
import { createContext, Script } from 'node:vm'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('[A11] runs where there is nothing but what browsers have, and imports nothing', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/presets/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    // A browser has no `node:` modules: one that is imported fails the build.
    platform: 'browser',
    format: 'iife',
    globalName: 'entry',
    target: 'es2023',
    logLevel: 'silent',
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.length).toBeGreaterThan(5)
  expect(inputs.filter((path) => !path.includes('src/presets/'))).toEqual([])
  const context = createContext({ URL, TextEncoder, crypto: globalThis.crypto })
  new Script(outputFiles[0]?.text ?? '').runInContext(context)
  const run = (code: string): unknown => new Script(code).runInContext(context)
  expect(run('entry.generateSecret().length')).toBe(43)
  expect(run("entry.detectPreset('redis://:x@h').check('redis://:x@h').ok")).toBe(true)
  expect(run("entry.findPreset('jwt-key').check('short').ok")).toBe(false)
  expect(run("entry.previewImport(entry.parseDotEnv('A=1').entries, [])[0].kind")).toBe('new')
})
