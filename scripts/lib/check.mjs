// Everything that can be known about the code without running the whole test suite: one line for each check.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { capture, node, pnpm, root, vitest } from './process.mjs'
import { siteSteps } from './site.mjs'
import { workspaces } from './workspaces.mjs'

/** @typedef {import('./process.mjs').Command} Command */
/** @typedef {import('./site.mjs').Step} Step */

const packs = '.cache/packs'

/** Runs all checks, also after one failed; prints what a failed check said. */
export async function check() {
  let failed = 0
  for (const step of [...sourceSteps(), ...packSteps()]) failed += (await passes(step)) ? 0 : 1
  for (const tarball of readdirSync(join(root, packs))) {
    for (const step of tarballSteps(tarball)) failed += (await passes(step)) ? 0 : 1
  }
  console.log(failed === 0 ? 'All checks hold.' : `${failed} of the checks failed.`)
  return failed === 0 ? 0 : 1
}

/** @returns {Step[]} */
function sourceSteps() {
  const typed = ['.', ...workspaces().flatMap(({ folder }) => [folder, `${folder}/page`])].filter((folder) =>
    existsSync(join(root, folder, 'tsconfig.json')),
  )
  const coverage = ['--coverage', '--project', 'core', '--reporter=dot']
  return [
    ...typed.map((folder) => ({ name: `types of ${folder}`, command: bin('typescript/bin/tsc', '-p', folder) })),
    { name: 'format and lint', command: bin('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.') },
    { name: 'unused code and dependencies', command: bin('knip/bin/knip.js', '--no-config-hints') },
    { name: 'layers and words', command: vitest(process.execPath, '--project', 'repo', 'test/layers', 'test/words') },
    { name: 'bundle size', command: bin('size-limit/bin.js') },
    ...siteSteps,
    { name: 'coverage of core', command: vitest(process.execPath, ...coverage) },
  ]
}

/** @returns {Step[]} */
function packSteps() {
  rmSync(join(root, packs), { recursive: true, force: true })
  mkdirSync(join(root, packs), { recursive: true })
  return workspaces()
    .filter((each) => each.published)
    .map(({ folder, name }) => ({
      name: `pack ${name}`,
      command: pnpm('--filter', `./${folder}`, 'pack', '--pack-destination', join(root, packs)),
    }))
}

/** @param {string} tarball @returns {Step[]} */
function tarballSteps(tarball) {
  const path = `${packs}/${tarball}`
  return [
    { name: `publint ${tarball}`, command: bin('publint/src/cli.js', 'run', path, '--strict') },
    {
      name: `types resolve in ${tarball}`,
      command: bin('@arethetypeswrong/cli/dist/index.js', path, '--profile', 'esm-only'),
    },
  ]
}

/** @param {string} script a path below node_modules @param {string[]} args @returns {Command} */
function bin(script, ...args) {
  return node(`node_modules/${script}`, ...args)
}

/** @param {Step} step */
async function passes({ name, command }) {
  const startedMs = performance.now()
  const { code, output } = await capture(command)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (code !== 0) console.log(output)
  return code === 0
}
