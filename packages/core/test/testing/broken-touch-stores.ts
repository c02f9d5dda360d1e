// Stores whose counters of use are broken on purpose.
import { sampleSecret } from '../../src/testing/index.ts'
import { type BrokenStore, brokenSecrets, pause, type SecretBreak } from './breaking.ts'

export const brokenTouchStores: readonly BrokenStore[] = [
  broken('touch sets the count', 'touch: sets the last use and adds to the count', (s) => ({
    async touch(batch) {
      for (const use of batch) {
        const found = await s.find(use.ref, 'current')
        await s.touch([{ ...use, uses: use.uses - (found?.useCount ?? 0) }])
      }
    },
  })),
  broken('touch lets the last use go back', 'touch: the last use never goes back', (s) => {
    let lastUsedAt: Date | undefined
    return {
      touch(batch) {
        lastUsedAt = batch.at(-1)?.lastUsedAt
        return s.touch(batch)
      },
      async find(ref, versions) {
        const found = await s.find(ref, versions)
        return found && lastUsedAt ? { ...found, lastUsedAt } : found
      },
    }
  }),
  broken('touch takes one use of a batch', 'touch: takes many uses at once, also several of one secret', (s) => ({
    touch: (batch) => s.touch(batch.slice(0, 1)),
  })),
  broken('touch goes by name alone', 'touch: drops a use when the record now has another id', (s) => ({
    touch: (batch) => s.touch(batch.map((use) => ({ ...use, id: sampleSecret({ ref: use.ref }).id }))),
  })),
  broken('touch creates secrets', 'touch: drops a use of a secret that is not there', (s) => ({
    async touch([use]) {
      if (use) await s.put(sampleSecret({ ref: use.ref }), { ifRevision: 0 })
    },
  })),
  broken('touch moves the revision', 'touch: changes nothing but the counters', (s) => ({
    async touch(batch) {
      await s.touch(batch)
      for (const { ref } of batch) {
        const found = await s.find(ref, 'all')
        if (found) await s.put({ ...found, revision: found.revision + 1 }, { ifRevision: found.revision })
      }
    },
  })),
  broken('touch loses counts that race', 'touch: uses counted at once all add up', (s) => ({
    async touch(batch) {
      for (const use of batch) {
        const before = await s.find(use.ref, 'current')
        await pause()
        const now = await s.find(use.ref, 'current')
        await s.touch([{ ...use, uses: (before?.useCount ?? 0) + use.uses - (now?.useCount ?? 0) }])
      }
    },
  })),
]

function broken(what: string, caught: string, part: SecretBreak): BrokenStore {
  return brokenSecrets(what, `secrets.${caught}`, part)
}
