// Shows reports as tables, keeps them as JSON, and says of each goal whether it was met.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join, relative } from 'node:path'
import { goals, limitText } from './goals.mjs'
import { groups } from './groups.mjs'
import { benchCache, root } from './paths.mjs'

/**
 * @typedef {object} Report
 * @property {string} group
 * @property {string} node the version it ran under
 * @property {import('./effort.mjs').Effort} effort
 * @property {readonly import('./rows.mjs').Row[]} rows
 * @property {readonly string[]} notes
 */

/** @param {Report} report */
export function printReport({ group, node, rows, notes }) {
  console.log(`\n## ${group}: ${groups[group]?.title} (Node ${node})\n`)
  const head = ['work', 'contestant', 'time or size', 'x first', 'held', 'goal', '']
  const body = rows.map((row) => [row.work, row.contestant, quantity(row), factor(row.ratio), ...goalCells(row)])
  console.log([...table(head, body), '', ...notes].join('\n'))
}

/**
 * Every goal of the groups that ran, in one table.
 *
 * @param {readonly Report[]} reports
 */
export function printGoals(reports) {
  const head = ['group', 'work', 'beside', 'node', 'seen', 'goal', '']
  const body = Object.entries(goals).flatMap(([name, { group, work, beside, unit }]) =>
    reports
      .filter((report) => report.group === group)
      .flatMap(({ node, rows }) => worstOf(rows, name).map((row) => ({ node, cells: goalCells(row) })))
      .map(({ node, cells: [held, limit, verdict] }) => [group, work, beside, node, `${held} ${unit}`, limit, verdict]),
  )
  if (body.length > 0) console.log(['\n## Goals\n', ...table(head, body)].join('\n'))
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
  writeFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), machine, reports, goals }, null, 2)}\n`)
  return relative(root, path)
}

/** @param {readonly Report[]} reports */
export function countMissed(reports) {
  return reports.flatMap(({ rows }) => rows).filter(({ verdict }) => verdict === 'missed').length
}

/**
 * The goals that the groups of these reports should have measured and have not.
 *
 * @param {readonly Report[]} reports
 */
export function unmeasuredGoals(reports) {
  return reports.flatMap(({ group, rows }) =>
    Object.keys(goals).filter((name) => goals[name]?.group === group && !rows.some((row) => row.goal === name)),
  )
}

/**
 * Of several rows with one goal, such as the pages of a list, the one that is farthest from it; none without any.
 *
 * @param {readonly import('./rows.mjs').Row[]} rows
 * @param {string} name of the goal
 */
function worstOf(rows, name) {
  const sign = goals[name]?.min === undefined ? -1 : 1
  const held = rows.filter(({ goal }) => goal === name)
  return held.toSorted((a, b) => sign * ((a.held ?? 0) - (b.held ?? 0))).slice(0, 1)
}

/** @param {import('./rows.mjs').Row} row */
function goalCells({ goal, held = Number.NaN, verdict = '' }) {
  const known = goal === undefined ? undefined : goals[goal]
  return known === undefined ? ['', '', ''] : [factor(held), limitText(known), verdict]
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} body */
function table(head, body) {
  const widths = head.map((name, column) => Math.max(3, name.length, ...body.map((line) => line[column]?.length ?? 0)))
  const [first, ...rest] = [head, ...body].map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  )
  return [first, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rest]
}

/** @param {import('./rows.mjs').Row} row */
function quantity({ value, unit }) {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 2
  return `${value.toFixed(digits)} ${unit}`
}

/** @param {number | undefined} value */
function factor(value) {
  if (value === undefined) return ''
  return value < 100 && !Number.isInteger(value) ? value.toFixed(2) : value.toFixed(0)
}
