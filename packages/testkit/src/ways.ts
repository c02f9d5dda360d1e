// Tries the ways to a server, in the same order for all services.
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
 * What the first successful way gives; a way that fails is skipped. `MCPVAULT_TEST_WAYS`, a list with commas, allows only
 * the ways that it names, in its order. Throws `ServiceMissing`, which says what failed.
 */
export async function firstWay<T>(missing: MissingService, tries: Tries<T>): Promise<Found<T>> {
  const asked = process.env['MCPVAULT_TEST_WAYS']?.split(',')
  const inOrder = asked?.flatMap((name) => ways.filter((way) => way === name)) ?? ways
  const failures: string[] = []
  for (const way of inOrder) {
    try {
      const what = await tries[way]?.()
      if (what !== undefined) return { way, what }
    } catch (error) {
      failures.push(`\nFrom ${way}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw serviceMissing({ ...missing, remedy: `${missing.remedy}${failures.join('')}` })
}
