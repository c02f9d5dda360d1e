// How long the races of a run are: long enough to mean something, or just long enough to show that all of it works.

/**
 * @typedef {'full' | 'smoke'} Effort
 */

/** Shorter turns would leave what is written behind to other contestants, or to nobody. */
const turnMs = 400

/**
 * @param {Effort} effort
 * @param {{ readonly rounds?: number, readonly clock?: import('./rounds.mjs').RaceOptions['clock'] }} [race]
 * @returns {import('./rounds.mjs').RaceOptions}
 */
export function raceOptions(effort, { rounds = 15, clock = 'wall' } = {}) {
  if (effort === 'smoke') return { rounds: 1, turnMs: 1, warmUpMs: 0, clock }
  return { rounds, turnMs, warmUpMs: 2_000, clock }
}

/**
 * Of work that is done once in a turn.
 *
 * @param {Effort} effort
 */
export function wholeOptions(effort) {
  return effort === 'smoke' ? { rounds: 1, warmUps: 0 } : { rounds: 5, warmUps: 1 }
}
