// The bench's command: runs the groups asked for, prints a table of each, and says which goals were met.
import { parseArguments, usage } from './src/arguments.mjs'
import { groups } from './src/groups.mjs'
import { buildInternals } from './src/internals.mjs'
import { availableNodes } from './src/nodes.mjs'
import { runTask } from './src/processes.mjs'
import { missedGoals, printReport, saveReport } from './src/report.mjs'
import { unjudged } from './src/rows.mjs'

const request = parseArguments(process.argv.slice(2))
if (request === undefined) {
  console.error(usage)
  process.exitCode = 2
} else {
  await buildInternals()
  process.exitCode = await runGroups(request)
}

/** @param {import('./src/arguments.mjs').BenchRequest} request */
async function runGroups({ names, effort, strict }) {
  /** @type {import('./src/report.mjs').Report[]} */
  const reports = []
  for (const name of names) {
    const nodes = groups[name]?.everyNode ? availableNodes() : availableNodes().slice(0, 1)
    for (const { version, path } of nodes) {
      const { rows, notes } = await runTask({ task: name, input: { effort }, nodePath: path })
      const report = { group: name, node: version, effort, rows: effort === 'smoke' ? rows.map(unjudged) : rows, notes }
      printReport(report)
      reports.push(report)
    }
  }
  console.log(`\nSaved as ${saveReport(reports)}`)
  const missed = missedGoals(reports)
  if (effort === 'smoke') console.log('A smoke run only shows that the bench works; its figures mean nothing.')
  else console.log(missed.length === 0 ? 'All goals are met.' : `Goals missed:\n${missed.join('\n')}`)
  return strict && missed.length > 0 ? 1 : 0
}
