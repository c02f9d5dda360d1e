// Races contestants in turns, A B C A B C, so that whatever disturbs the machine disturbs them all.
import { setImmediate } from 'node:timers/promises'

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(turn: number) => unknown} run one operation; a promise is waited for
 * @property {number} [operations] how many operations one `run` counts for; 1 by default
 */

/**
 * @typedef {object} RaceOptions
 * @property {number} rounds
 * @property {number} turnMs how long a contestant runs before the next one's turn
 * @property {keyof typeof clocksUs} [clock] `cpu` where nothing waits, since it does not count other programs; `wall`
 *   by default
 */

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {number} medianUs of one operation
 * @property {readonly number[]} roundsUs of one operation, in each round
 */

const clocksUs = {
  wall: () => performance.now() * 1000,
  cpu() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
}

/**
 * @param {readonly Contestant[]} contestants
 * @param {RaceOptions} options
 * @returns {Promise<readonly Result[]>} in the order of the contestants
 */
export async function race(contestants, { rounds, turnMs, clock = 'wall' }) {
  const runners = []
  for (const contestant of contestants) runners.push(await warmUp(contestant, { turnMs, nowUs: clocksUs[clock] }))
  for (let round = 0; round < rounds; round += 1) {
    for (const runner of runners) {
      // Timers and writes behind get their time between the turns, not in them.
      await setImmediate()
      runner.roundsUs.push(await runner.turn())
    }
  }
  return runners.map(({ name, roundsUs }) => ({ name, medianUs: median(roundsUs), roundsUs }))
}

/**
 * The median over the rounds of one contestant's time by another's in the same round.
 *
 * @param {Result} result
 * @param {Result} floor
 */
export function ratio(result, floor) {
  return median(result.roundsUs.map((us, round) => us / (floor.roundsUs[round] ?? Number.NaN)))
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

const warmUpTurns = 50

/** Runs a contestant until its code is compiled and its time is known, and fixes the length of its turns. */
async function warmUp({ name, run, operations = 1 }, { turnMs, nowUs }) {
  const first = run(0)
  const isAsync = first instanceof Promise
  await first
  let next = 1
  const turnOf = (runs) => async () => {
    const startedUs = nowUs()
    const end = next + runs
    if (isAsync) for (; next < end; next += 1) await run(next)
    else for (; next < end; next += 1) run(next)
    return (nowUs() - startedUs) / (runs * operations)
  }
  const warmUntilMs = performance.now() + warmUpTurns * turnMs
  let perRunUs = 0
  do perRunUs = (await turnOf(perRunUs > 0 ? runsIn(turnMs, perRunUs) : 1)()) * operations
  while (performance.now() < warmUntilMs)
  /** @type {number[]} */
  const roundsUs = []
  return { name, roundsUs, turn: turnOf(runsIn(turnMs, perRunUs)) }
}

/** @param {number} turnMs @param {number} perRunUs */
function runsIn(turnMs, perRunUs) {
  return Math.max(1, Math.round((turnMs * 1000) / Math.max(perRunUs, 0.01)))
}
