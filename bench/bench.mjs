// The bench's command: runs the groups asked for, prints a table of each, and says which goals were met.
import { parseArguments, usage } from './src/arguments.mjs'
import { groups } from './src/groups.mjs'
import { buildInternals, loadTestkit } from './src/internals.mjs'
import { availableNodes } from './src/nodes.mjs'
import { runTask } from './src/processes.mjs'
import { countMissed, printGoals, printReport, saveReport, unmeasuredGoals } from './src/report.mjs'
import { unjudged } from './src/rows.mjs'

const request = parseArguments(process.argv.slice(2))
if (request === undefined) {
  console.error(usage)
  process.exitCode = 2
} else {
  await buildInternals()
  process.exitCode = request.effort === 'smoke' ? await onOneServer(request) : await runGroups(request)
}

/**
 * A measured group has a Postgres of its own; where figures mean nothing, one serves all, since a start takes long.
 *
 * @param {import('./src/arguments.mjs').BenchRequest} request
 */
async function onOneServer(request) {
  if (!request.names.some((name) => groups[name]?.usesPostgres)) return await runGroups(request)
  const server = await (await loadTestkit()).startPostgres()
  try {
    process.env.MCPVAULT_TEST_POSTGRES_URL = server.url
    return await runGroups(request)
  } finally {
    await server.stop()
  }
}

/** @param {import('./src/arguments.mjs').BenchRequest} request */
async function runGroups({ names, effort, onMiss, other }) {
  /** @type {import('./src/report.mjs').Report[]} */
  const reports = []
  for (const name of names) {
    const nodes = groups[name]?.everyNode ? availableNodes() : availableNodes().slice(0, 1)
    for (const { version, path } of nodes) {
      const { rows, notes } = await runTask({ task: name, input: { effort, other }, nodePath: path })
      const report = { group: name, node: version, effort, rows: effort === 'smoke' ? rows.map(unjudged) : rows, notes }
      printReport(report)
      reports.push(report)
    }
  }
  printGoals(reports)
  console.log(`\nSaved as ${saveReport(reports)}`)
  const unmeasured = unmeasuredGoals(reports)
  if (unmeasured.length > 0) {
    console.error(`Goals that nothing measured: ${unmeasured.join(', ')}`)
    return 1
  }
  const missed = countMissed(reports)
  if (effort === 'smoke') console.log('A smoke run only shows that the bench works; its figures mean nothing.')
  else console.log(missed === 0 ? 'No goal is missed.' : `Goals missed: ${missed}`)
  return onMiss === 'fail' && missed > 0 ? 1 : 0
}
