// Rows of a report: what was measured, against what, and the goal that it is held to.
import { goals, isMet } from './goals.mjs'
import { ratio } from './rounds.mjs'

/**
 * @typedef {object} Row
 * @property {string} work
 * @property {string} contestant
 * @property {number} value
 * @property {string} unit
 * @property {number} [ratio] against the floor, the median over the rounds
 * @property {string} [goal] its name among the goals
 * @property {number} [held] what is held to the goal's limit
 * @property {'met' | 'missed'} [verdict]
 */

/**
 * The rows of one race; the first result is the floor.
 *
 * @param {object} options
 * @param {string} options.work
 * @param {readonly import('./rounds.mjs').Result[]} options.results
 * @param {Readonly<Record<string, string>>} [options.goals] the name of a goal, by contestant
 * @returns {readonly Row[]}
 */
export function raceRows({ work, results, goals: goalOf = {} }) {
  const [floor] = results
  if (floor === undefined) return []
  return results.map((result) => {
    const row = { work, contestant: result.name, value: result.medianUs, unit: 'us', ratio: ratio(result, floor) }
    const name = goalOf[result.name]
    if (name === undefined) return row
    return judged({ ...row, goal: name, held: goals[name]?.min === undefined ? row.ratio : ratio(floor, result) })
  })
}

/**
 * A row whose value is held to a goal.
 *
 * @param {Row & { readonly goal: string }} row
 * @returns {Row}
 */
export function valueRow(row) {
  return judged({ ...row, held: row.value })
}

/**
 * @param {Row & { readonly goal: string, readonly held: number }} row
 * @returns {Row}
 */
function judged(row) {
  const goal = goals[row.goal]
  if (goal === undefined) throw new TypeError(`There is no goal ${row.goal}.`)
  return { ...row, verdict: isMet(goal, row.held) ? 'met' : 'missed' }
}

/**
 * @param {Row} row
 * @returns {Row}
 */
export function unjudged({ verdict: _, ...row }) {
  return row
}
