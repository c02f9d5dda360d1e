// Rows of a report: what was measured, against what, and the goal it is held to.
import { ratio } from './rounds.mjs'

/**
 * @typedef {object} Row
 * @property {string} work
 * @property {string} contestant
 * @property {number} value
 * @property {string} unit
 * @property {number} [ratio] against the floor, the median over the rounds
 * @property {Goal} [goal]
 * @property {'met' | 'missed'} [verdict]
 */

/**
 * @typedef {object} Goal
 * @property {'ratio' | 'value'} of what is held to it
 * @property {number} most
 */

/**
 * The rows of one race; the first result is the floor.
 *
 * @param {object} options
 * @param {string} options.work
 * @param {readonly import('./rounds.mjs').Result[]} options.results
 * @param {Readonly<Record<string, number>>} [options.goals] the greatest ratio allowed, by contestant
 * @returns {readonly Row[]}
 */
export function raceRows({ work, results, goals = {} }) {
  const [floor] = results
  if (floor === undefined) return []
  return results.map((result) => {
    const row = { work, contestant: result.name, value: result.medianUs, unit: 'us', ratio: ratio(result, floor) }
    const most = goals[result.name]
    return most === undefined ? row : judged({ ...row, goal: { of: 'ratio', most } })
  })
}

/**
 * @param {Row & { readonly goal: Goal }} row
 * @returns {Row}
 */
export function judged(row) {
  const held = row.goal.of === 'ratio' ? row.ratio : row.value
  return { ...row, verdict: held !== undefined && held <= row.goal.most ? 'met' : 'missed' }
}

/**
 * @param {Row} row
 * @returns {Row}
 */
export function unjudged({ verdict: _, ...row }) {
  return row
}
