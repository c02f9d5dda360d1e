// Says what is being installed, since it takes a while and happens once.

/** Runs `work` between two lines on standard error. */
export async function announced(what: string, work: () => Promise<void>): Promise<void> {
  console.error(`Installing ${what} for the tests, once`)
  const startedMs = performance.now()
  await work()
  console.error(`Installed ${what} in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
}
