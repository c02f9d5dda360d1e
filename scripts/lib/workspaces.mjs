// Lists the packages of the workspace, and which of them are published.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './process.mjs'

/** @typedef {{ readonly folder: string, readonly name: string, readonly published: boolean }} Workspace */

/** @returns {readonly Workspace[]} */
export function workspaces() {
  return [...below('packages'), ...below('examples'), 'bench']
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      return { folder, name: manifest.name, published: manifest.private !== true }
    })
}

/** @param {string} parent */
function below(parent) {
  return readdirSync(join(root, parent))
    .sort()
    .map((name) => `${parent}/${name}`)
}
