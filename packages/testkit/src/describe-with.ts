// A suite that needs a server: it runs with the server, or is skipped with a message.
import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { isServiceMissing } from './service-missing.ts'

const startLimitMs = 15 * 60_000

interface Stoppable {
  stop(): Promise<void>
}

/**
 * Starts the server before the suite and stops it afterwards. If the server cannot be had, the tests are
 * skipped with a message; with `CI=true` they fail.
 */
export function describeWith<S extends Stoppable>(
  name: string,
  start: () => Promise<S>,
  body: (service: () => S) => void,
): void {
  describe(name, () => {
    let service: S | undefined
    let missing: string | undefined
    beforeAll(async () => {
      try {
        service = await start()
      } catch (error) {
        if (!isServiceMissing(error) || process.env['CI'] === 'true') throw error
        missing = error.message
        console.error(`SKIPPED ${name}: ${missing}`)
      }
    }, startLimitMs)
    beforeEach((test) => test.skip(missing !== undefined, missing))
    afterAll(() => service?.stop())
    body(() => {
      if (service === undefined) throw new Error('The server is there only while the tests run.')
      return service
    })
  })
}
