// Gives the packages their next versions from the changesets, and each the range of core that it works with.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { node, root, run } from './lib/process.mjs'
import { workspaces } from './lib/workspaces.mjs'

const core = '@mcpvault/core'
const manifests = workspaces()
  .filter((each) => each.published)
  .map((each) => join(root, each.folder, 'package.json'))

// A range that a new version of core leaves would make a major version of every package that names it.
setRange('>=0.0.0 <1')
process.exitCode = await run(node('node_modules/@changesets/cli/bin.js', 'version'))
// Before 1.0.0 a minor version may break a store: what is published takes the core that it was tested with.
if (process.exitCode === 0) setRange(`^${versionOfCore()}`)

/** @param {string} range */
function setRange(range) {
  for (const path of manifests) {
    const manifest = JSON.parse(readFileSync(path, 'utf8'))
    if (manifest.peerDependencies?.[core] === undefined) continue
    manifest.peerDependencies[core] = range
    writeFileSync(path, `${JSON.stringify(manifest, undefined, 2)}\n`)
  }
}

/** @returns {string} */
function versionOfCore() {
  return JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8')).version
}
