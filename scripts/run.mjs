// The root commands: installs what is missing, builds what changed, gets the servers, then runs the command named.
import { check } from './lib/check.mjs'
import { mutationArgs } from './lib/mutation.mjs'
import { build, install } from './lib/prepare.mjs'
import { node, pnpm, run, vitest } from './lib/process.mjs'
import { runSecondNodes } from './lib/second-node.mjs'
import { prepareServices } from './lib/services.mjs'
import { buildSite } from './lib/site.mjs'
import { reporters, resetReports, unitReport } from './lib/summary.mjs'

/** @type {Record<string, (args: readonly string[]) => Promise<number>>} */
const commands = {
  build: async () => 0,
  demo: (args) => run(node('examples/mcp-server/demo.mjs', ...args)),
  bench: (args) => run(pnpm('--silent', '--filter', '@mcpvault/bench', 'start', ...args)),
  mutation: (args) => run(node('node_modules/@stryker-mutator/core/bin/stryker.js', 'run', ...mutationArgs(args))),
  test: runTests,
  check: async () => check(),
  docs: buildSite,
}

/**
 * What a command needs to be built; without an entry, code and type declarations.
 *
 * @type {Record<string, 'code' | 'all'>}
 */
const needs = { demo: 'code', bench: 'code' }
/** The commands that talk to servers. */
const served = ['test', 'bench']

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command === undefined) {
  console.error(`Usage: node scripts/run.mjs ${Object.keys(commands).join(' | ')}`)
  process.exitCode = 2
} else if (name === 'demo' && args.length > 0) {
  // Its help needs nothing.
  process.exitCode = await command(args)
} else {
  process.exitCode =
    (await install()) ||
    (await build(needs[name] ?? 'all')) ||
    (served.includes(name) ? await prepareServices() : 0) ||
    (await command(args))
}

/**
 * All tests here, then those of the embedded store under the Node versions that carry node:sqlite.
 * With arguments, Vitest gets them and the second part is left out.
 *
 * @param {readonly string[]} args
 */
async function runTests(args) {
  resetReports()
  const reporting = ['--reporter=default', ...reporters, `--outputFile.json=${unitReport}`]
  const code = await run(vitest(process.execPath, ...reporting, ...args))
  return args.length > 0 ? code : (await runSecondNodes()) || code
}
