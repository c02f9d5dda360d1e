// How long writers that met wait before they try again.

/**
 * The wait before work is tried again that gave way to another writer, in milliseconds: at random below 2 after the
 * first try, below twice as much after each further one, and never 100 or more, so that writers that met once are kept
 * from meeting again. `random` gives numbers from 0 up to 1, without 1. Default `Math.random`.
 *
 * @example
 * await new Promise((resolve) => setTimeout(resolve, backOffMs(tries)))
 */
export function backOffMs(tries: number, random: () => number = Math.random): number {
  return random() * Math.min(2 ** tries, mostMs)
}

const mostMs = 100
