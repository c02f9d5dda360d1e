// The suites that every store passes below a vault.
import { describe } from 'vitest'
import { concurrencySuite } from './concurrency.ts'
import { damageSuite } from './damage.ts'
import { namesSuite } from './names.ts'
import { pagesSuite } from './pages.ts'
import { renewalSuite } from './renewals.ts'
import { sharingSuite } from './sharing.ts'
import type { StoreSetting } from './store-setting.ts'

export { expectArchives } from './archives.ts'
export { contentsOf, expectLivedIn, expectMoves, liveIn, mover } from './copying.ts'
export type { OpenedStore, StoreSetting, Tampering } from './store-setting.ts'
export { type AttackedStore, type TrailSetting, trailSuite } from './trail.ts'
export { type Attack, type AttackedTrail, at, edited, forgedStream, type RawTrail } from './trail-attacks.ts'
export { errorOf, expectKept, setThroughCuts, writeThroughKills } from './trouble.ts'

/** Registers all of them for one store. */
export function vaultSuite({ name, setting }: { readonly name: string; readonly setting: StoreSetting }): void {
  describe(`a vault on ${name}`, () => {
    concurrencySuite(setting)
    sharingSuite(setting)
    namesSuite(setting)
    pagesSuite(setting)
    damageSuite(setting)
    renewalSuite(setting)
  })
}
