// The Node versions at hand: the running one, and those that the tests have fetched.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

const fetched = join(root, '.cache', 'node')
const binary = join('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')

/**
 * The running Node first.
 *
 * @returns {readonly { readonly version: string, readonly path: string }[]}
 */
export function availableNodes() {
  const running = { version: process.versions.node, path: process.execPath }
  const versions = existsSync(fetched) ? readdirSync(fetched).sort() : []
  const others = versions
    .map((version) => ({ version, path: join(fetched, version, binary) }))
    .filter(({ version, path }) => version !== running.version && existsSync(path))
  return [running, ...others]
}
