// Archives of a vault on SQLite: into memory and back, with all that a vault leaves in time.
import { memoryStore } from '@mcpvault/core'
import { expectArchives } from '@mcpvault/testkit/suites'
import { describe, test } from 'vitest'
import { drivers, freshStore } from './support/databases.ts'

describe.each(drivers)('an archive of a vault in a file of %s', (driver) => {
  test('[A38] comes back in memory, and from there in another file', async () => {
    const [{ store: from }, { store: back }] = [await freshStore(driver), await freshStore(driver)]
    await expectArchives({ from, over: memoryStore(), back })
  })
})
