// What `import('@mcpvault/core')` adds to the start of a process, and how much it loads.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from '../rounds.mjs'
import { valueRow } from '../rows.mjs'

const starts = { full: 61, smoke: 1 }
const core = import.meta.resolve('@mcpvault/core')
const programs = [
  { name: 'bare node', source: '' },
  { name: 'node:crypto', source: "import 'node:crypto'" },
  { name: '@mcpvault/core', source: `import ${JSON.stringify(core)}`, goal: 'import' },
  { name: '@mcpvault/sqlite', source: `import ${JSON.stringify(import.meta.resolve('@mcpvault/sqlite'))}` },
]

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  /** @type {Start[][]} */
  const times = programs.map(() => [])
  for (let round = 0; round < starts[effort]; round += 1) {
    for (const [index, { source }] of programs.entries()) times[index].push(start(source))
  }
  const [bare = []] = times
  const rows = programs.flatMap(({ name, goal }, index) => {
    if (index === 0) return [{ work: 'start', contestant: name, value: median(bare.map(({ ms }) => ms)), unit: 'ms' }]
    const added = (measure) => median(times[index].map((each, round) => each[measure] - bare[round][measure]))
    const ratio = 1 + added('ms') / median(bare.map(({ ms }) => ms))
    const row = { work: 'added to the start', contestant: name, value: added('ms'), unit: 'ms', ratio }
    const wall = goal === undefined ? row : valueRow({ ...row, goal })
    return [wall, { work: 'added, processor time', contestant: name, value: added('cpuMs'), unit: 'ms' }]
  })
  const builtIns = programs
    .map(({ name, source }) => `${name} ${evaluate(source, 'process.moduleLoadList.length')}`)
    .join(', ')
  const files = filesOf(fileURLToPath(core))
  const bytes = files.reduce((sum, file) => sum + readFileSync(file).length, 0)
  const size = `core is ${files.length} files of ${Math.round(bytes / 1024)} KiB together`
  return { rows, notes: [`Modules of Node loaded: ${builtIns}; ${size}.`] }
}

/**
 * @typedef {object} Start
 * @property {number} ms from the start of the process to its end
 * @property {number} cpuMs processor time up to the end of the import, of all threads
 */

/**
 * @param {string} source
 * @returns {Start}
 */
function start(source) {
  const startedMs = performance.now()
  const cpuUs = evaluate(source, 'process.cpuUsage().user + process.cpuUsage().system')
  return { ms: performance.now() - startedMs, cpuMs: cpuUs / 1000 }
}

/**
 * Runs a program in a fresh process, and what it says of itself at its end.
 *
 * @param {string} source
 * @param {string} expression
 */
function evaluate(source, expression) {
  // writeSync is there already; process.stdout would load a dozen modules of its own.
  const program = `import { writeSync } from 'node:fs'\n${source}\nwriteSync(1, String(${expression}))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

/**
 * The files that an import of one file loads, by the static imports of our own bundles.
 *
 * @param {string} file
 * @param {readonly string[]} known
 * @returns {readonly string[]}
 */
function filesOf(file, known = []) {
  if (known.includes(file)) return known
  const source = readFileSync(file, 'utf8')
  const imported = [...source.matchAll(/(?:from|import) ?["'](\.[^"']+)["']/g)].map(([, path]) => path)
  return imported.reduce((files, path) => filesOf(join(dirname(file), path), files), [...known, file])
}
