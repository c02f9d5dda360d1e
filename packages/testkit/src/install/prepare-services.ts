// Gets every server and the browser before the tests begin, so that no test waits for an install and an interrupt leaves no half of one.
import { isServiceMissing } from '../service-missing.ts'
import { findBao, findChromium, findMongo, findMoto, findPostgres, findRedis } from './find-servers.ts'

const finders = [findPostgres, findRedis, findMongo, findBao, findMoto, findChromium] as const

/**
 * Says what cannot be had, and how to get it; the tests of it are then skipped, or fail with `CI=true`.
 *
 * @public called by the scripts, which bundle this file
 */
export async function prepareServices(): Promise<void> {
  await Promise.all(
    finders.map(async (find) => {
      try {
        await find()
      } catch (error) {
        if (!isServiceMissing(error)) throw error
        console.error(`MISSING ${error.service}: ${error.message}`)
      }
    }),
  )
}
