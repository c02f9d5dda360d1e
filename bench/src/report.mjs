// Shows reports as tables, keeps them as JSON, and lists the goals that were missed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join, relative } from 'node:path'
import { groups } from './groups.mjs'
import { benchCache, root } from './paths.mjs'

/**
 * @typedef {object} Report
 * @property {string} group
 * @property {string} node the version it ran under
 * @property {import('./arguments.mjs').Effort} effort
 * @property {readonly import('./rows.mjs').Row[]} rows
 * @property {readonly string[]} notes
 */

/** @param {Report} report */
export function printReport({ group, node, rows, notes }) {
  console.log(`\n## ${group}: ${groups[group]?.title} (Node ${node})\n`)
  const table = [
    ['work', 'contestant', 'time or size', 'x floor', 'goal', ''],
    ...rows.map((row) => [
      row.work,
      row.contestant,
      quantity(row),
      factor(row.ratio),
      goalText(row),
      row.verdict ?? '',
    ]),
  ]
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length), 3))
  const [head, ...body] = table.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`,
  )
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  console.log([head, rule, ...body, '', ...notes].join('\n'))
}

/**
 * @param {readonly Report[]} reports
 * @returns {string} the path of the file, from the root
 */
export function saveReport(reports) {
  mkdirSync(benchCache, { recursive: true })
  const path = join(benchCache, 'latest.json')
  const machine = {
    cpus: cpus().length,
    loadAverage: loadavg()[0],
    model: cpus()[0]?.model,
    platform: process.platform,
  }
  writeFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), machine, reports }, null, 2)}\n`)
  return relative(root, path)
}

/** @param {readonly Report[]} reports */
export function missedGoals(reports) {
  return reports.flatMap(({ group, node, rows }) =>
    rows
      .filter(({ verdict }) => verdict === 'missed')
      .map(
        (row) => `  ${group}, Node ${node}: ${row.work}, ${row.contestant}: ${heldText(row)}, goal ${goalText(row)}`,
      ),
  )
}

/** @param {import('./rows.mjs').Row} row */
function heldText(row) {
  return row.goal?.of === 'ratio' ? `${factor(row.ratio)} x` : quantity(row)
}

/** @param {import('./rows.mjs').Row} row */
function goalText({ goal, unit }) {
  if (goal === undefined) return ''
  const most = Number(goal.most.toFixed(3))
  return goal.of === 'ratio' ? `<= ${most} x` : `<= ${most} ${unit}`
}

/** @param {import('./rows.mjs').Row} row */
function quantity({ value, unit }) {
  const digits = Math.abs(value) < 100 ? 2 : 0
  return `${value.toFixed(digits)} ${unit}`
}

/** @param {number | undefined} value */
function factor(value) {
  if (value === undefined) return ''
  return value < 100 ? value.toFixed(2) : value.toFixed(0)
}
