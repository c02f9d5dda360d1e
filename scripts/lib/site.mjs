// The documentation as a static site: the API reference as Markdown, then every page by VitePress.
import { node, run } from './process.mjs'

/** @typedef {{ readonly name: string, readonly command: import('./process.mjs').Command }} Step */

const vitepress = 'node_modules/vitepress/bin/vitepress.js'

/** What fails on a public name without a sound doc comment, and on a link that leads nowhere. @type {readonly Step[]} */
export const siteSteps = [
  { name: 'API reference', command: node('node_modules/typedoc/bin/typedoc') },
  { name: 'documentation site', command: node(vitepress, 'build', 'docs') },
]

/**
 * Builds the site into `.cache/site`, and serves it on loopback when asked to.
 *
 * @param {readonly string[]} args
 */
export async function buildSite(args) {
  for (const { command } of siteSteps) {
    const code = await run(command)
    if (code !== 0) return code
  }
  console.log('The site is in .cache/site; `npm run docs -- --serve` shows it.')
  return args.includes('--serve') ? run(node(vitepress, 'preview', 'docs', '--host', '127.0.0.1')) : 0
}
