// The settings page in a real browser: one Chromium and one host for all of it.
import { describeWith } from '@mcpvault/testkit'
import { expect, it } from 'vitest'
import { accessSuite } from './suites/access.ts'
import { addingSuite } from './suites/adding.ts'
import { auditSuite } from './suites/audit.ts'
import { editingSuite } from './suites/editing.ts'
import { failureSuite } from './suites/failures.ts'
import { hostileSuite } from './suites/hostile.ts'
import { importSuite } from './suites/importing.ts'
import { listSuite } from './suites/list.ts'
import { pictureSuite } from './suites/pictures.ts'
import { raceSuite } from './suites/races.ts'
import { removalSuite } from './suites/removal.ts'
import { sharingSuite } from './suites/sharing.ts'
import { valueSuite } from './suites/values.ts'
import { canary, startWorld } from './support/world.ts'

describeWith('the settings page', startWorld, (world) => {
  addingSuite(world)
  valueSuite(world)
  editingSuite(world)
  sharingSuite(world)
  removalSuite(world)
  importSuite(world)
  listSuite(world)
  auditSuite(world)
  hostileSuite(world)
  accessSuite(world)
  failureSuite(world)
  raceSuite(world)
  pictureSuite(world)

  it('[A3] no answer but that of a reveal had a value, and no log', () => {
    expect(world().written.length).toBeGreaterThan(100)
    expect(world().written.filter((text) => text.includes(canary))).toEqual([])
  })
})
