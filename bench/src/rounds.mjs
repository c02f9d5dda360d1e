// Races contestants in turns, A B C A B C, so that whatever disturbs the machine disturbs them all.
import { setImmediate } from 'node:timers/promises'

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(turn: number) => unknown} run one operation; a promise is waited for
 * @property {number} [callers] how many call at once, each one call after another; 1 by default. The time of one call is
 *   then what the throughput of all gives it
 */

/**
 * @typedef {object} RaceOptions
 * @property {number} rounds
 * @property {number} turnMs how long a contestant runs before the next one's turn
 * @property {number} warmUpMs how long each runs before the first round
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
export async function race(contestants, { rounds, turnMs, warmUpMs, clock = 'wall' }) {
  const runners = []
  for (const contestant of contestants) {
    runners.push(await warmUp(contestant, { turnMs, warmUpMs, nowUs: clocksUs[clock] }))
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const runner of runners) {
      await setImmediate()
      runner.roundsUs.push(await runner.turn())
    }
  }
  return runners.map(({ name, roundsUs }) => ({ name, medianUs: median(roundsUs), roundsUs }))
}

/**
 * Work that is done as a whole once in a turn, with what comes before and after it uncounted.
 *
 * @template State
 * @typedef {object} WholeContestant
 * @property {string} name
 * @property {number} operations how many operations one run counts for
 * @property {(round: number) => State | Promise<State>} prepare
 * @property {(state: State) => unknown} run
 * @property {(state: State) => unknown} [finish]
 */

/**
 * @param {readonly WholeContestant<any>[]} contestants
 * @param {{ readonly rounds: number, readonly warmUps: number, readonly clock?: keyof typeof clocksUs }} options
 * @returns {Promise<readonly Result[]>} in the order of the contestants
 */
export async function raceWholes(contestants, { rounds, warmUps, clock = 'wall' }) {
  const nowUs = clocksUs[clock]
  const times = contestants.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const [index, { operations, prepare, run, finish }] of contestants.entries()) {
      const state = await prepare(round)
      const startedUs = nowUs()
      await run(state)
      const us = (nowUs() - startedUs) / operations
      await finish?.(state)
      if (round >= warmUps) times[index]?.push(us)
    }
  }
  return contestants.map(({ name }, index) => {
    const roundsUs = times[index] ?? []
    return { name, medianUs: median(roundsUs), roundsUs }
  })
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

/** Runs a contestant until its code is compiled and its time is known, and fixes the length of its turns. */
async function warmUp({ name, run, callers = 1 }, { turnMs, warmUpMs, nowUs }) {
  const first = run(0)
  const isAsync = first instanceof Promise
  await first
  let next = 1
  const turnOf = (runs) => async () => {
    const startedUs = nowUs()
    const end = next + runs
    const call = async () => {
      while (next < end) {
        next += 1
        await run(next)
      }
    }
    if (!isAsync) while (next < end) run(next++)
    else if (callers === 1) await call()
    else await Promise.all(Array.from({ length: callers }, call))
    return (nowUs() - startedUs) / runs
  }
  const warmUntilMs = performance.now() + warmUpMs
  let perRunUs = 0
  do perRunUs = await turnOf(perRunUs > 0 ? runsIn(turnMs, { perRunUs, callers }) : callers)()
  while (performance.now() < warmUntilMs)
  /** @type {number[]} */
  const roundsUs = []
  return { name, roundsUs, turn: turnOf(runsIn(turnMs, { perRunUs, callers })) }
}

/** @param {number} turnMs @param {{ perRunUs: number, callers: number }} contestant */
function runsIn(turnMs, { perRunUs, callers }) {
  return Math.max(callers, Math.round((turnMs * 1000) / Math.max(perRunUs, 0.01)))
}
