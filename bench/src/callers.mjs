// Many callers at once, each with one call after another, as a busy server has them.

const callsEach = 8

/**
 * A contestant of `callers` callers; its time is that of one call as the throughput of all gives it.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {number} options.callers
 * @param {(turn: number) => Promise<unknown>} options.call
 * @returns {import('./rounds.mjs').Contestant}
 */
export function concurrently({ name, callers, call }) {
  const everyCaller = Array.from({ length: callers }, (_, caller) => caller)
  return {
    name,
    operations: callers * callsEach,
    run: (turn) =>
      Promise.all(
        everyCaller.map(async (caller) => {
          for (let index = 0; index < callsEach; index += 1) await call((turn * callers + caller) * callsEach + index)
        }),
      ),
  }
}
