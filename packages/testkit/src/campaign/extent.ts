// How far the campaigns on servers go: a sample that a seed chooses, or everything when there is time.

export const isLong = process.env['MCPVAULT_LONG'] === '1'

/** This script gets everything in any case. */
export const wholeScript = 'create'

/** For tests that do the same work hundreds of times, on a machine that may be busy. */
export const longTest = { timeout: 180_000 }

/** The seeds of so many runs, or of ten times as many. */
export function seedsTo(runs: number): readonly number[] {
  return Array.from({ length: isLong ? runs * 10 : runs }, (_, index) => index + 1)
}
