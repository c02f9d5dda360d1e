// Installs and builds, each only when something it depends on changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pnpm, root } from './process.mjs'
import { ownSteps } from './step.mjs'
import { workspaces } from './workspaces.mjs'

/** Installs the workspace exactly as locked. */
export async function install() {
  const inputs = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    ...workspaces().map((each) => `${each.folder}/package.json`),
  ]
  return await unlessFresh({ stamp: 'node_modules/.mcpvault-installed', inputs, outputs: ['node_modules/.pnpm'] }, () =>
    ownSteps.run({ title: 'Installing', command: pnpm('install', '--frozen-lockfile', '--prefer-offline') }),
  )
}

/**
 * Builds the published packages in the order of their dependencies.
 *
 * @param {'code' | 'all'} what code alone, or type declarations too
 */
export async function build(what) {
  const folders = workspaces()
    .filter((each) => each.published)
    .map((each) => each.folder)
  const shared = [
    'pnpm-lock.yaml',
    'tsconfig.base.json',
    'tsconfig.build.json',
    'tsup.base.ts',
    'scripts/declarations.mjs',
  ]
  const inputs = [...shared, ...folders.flatMap(buildInputs)]
  const file = what === 'code' ? 'index.js' : 'index.d.ts'
  const outputs = folders.flatMap((folder) => [
    `${folder}/dist/${file}`,
    ...(existsSync(join(root, folder, 'page')) ? [`${folder}/dist/page/index.html`] : []),
  ])
  // One stamp for both: a whole build serves where code is enough, and not the other way round.
  return await unlessFresh({ stamp: '.cache/built', inputs, outputs }, () => {
    const environment = { ...process.env, MCPVAULT_BUILD: what }
    const command = pnpm('--recursive', '--filter', './packages/*', 'build')
    return ownSteps.run({ title: 'Building', command, environment })
  })
}

/**
 * @param {{ stamp: string, inputs: readonly string[], outputs: readonly string[] }} product
 * @param {() => Promise<number>} make
 */
async function unlessFresh({ stamp, inputs, outputs }, make) {
  const digest = digestOf(inputs)
  const stampPath = join(root, stamp)
  const fresh = outputs.every((path) => existsSync(join(root, path)))
  if (fresh && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === digest) return 0
  const code = await make()
  if (code !== 0) return code
  mkdirSync(dirname(stampPath), { recursive: true })
  writeFileSync(stampPath, digest)
  return 0
}

/** @param {readonly string[]} paths */
function digestOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  return hash.digest('hex')
}

/** @param {string} folder */
function buildInputs(folder) {
  // The settings page is built from a folder of its own.
  const sources = ['src', 'page']
    .filter((name) => existsSync(join(root, folder, name)))
    .flatMap((name) => readdirSync(join(root, folder, name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
  return [`${folder}/package.json`, `${folder}/tsconfig.build.json`, `${folder}/tsup.config.ts`, ...sources]
}
