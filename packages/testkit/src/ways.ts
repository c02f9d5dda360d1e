// The ways to a server, tried in one order for all services.
import { type MissingService, serviceMissing } from './service-missing.ts'

/** In the order in which they are tried. */
export const ways = ['url', 'machine', 'package', 'debian', 'container'] as const

export type Way = (typeof ways)[number]

/** How the tests came by a server. */
export interface Found<T> {
  readonly way: Way
  readonly what: T
}

export type Tries<T> = Partial<Readonly<Record<Way, () => T | undefined | Promise<T | undefined>>>>

/**
 * The first way that gives something; one that fails counts as giving nothing. `MCPVAULT_TEST_WAYS`, a list with commas,
 * leaves out all others. Throws `ServiceMissing`, which says what failed.
 */
export async function firstWay<T>(missing: MissingService, tries: Tries<T>): Promise<Found<T>> {
  const allowed = process.env['MCPVAULT_TEST_WAYS']?.split(',')
  const failures: string[] = []
  for (const way of ways) {
    if (allowed !== undefined && !allowed.includes(way)) continue
    try {
      const what = await tries[way]?.()
      if (what !== undefined) return { way, what }
    } catch (error) {
      failures.push(`\nBy the way of ${way}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw serviceMissing({ ...missing, remedy: `${missing.remedy}${failures.join('')}` })
}
