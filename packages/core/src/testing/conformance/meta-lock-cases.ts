// Conformance cases: values that are written once, and locks.
import assert from 'node:assert/strict'
import { type ConformanceCase, casesOf, type StoreUnderTest } from './case.ts'
import { assertSame, present, raceOf, scribble } from './check.ts'
import { sampleBytes } from './samples.ts'

const metaCases = casesOf({
  about: 'meta',
  cases: {
    async 'what was never written is undefined'({ store }) {
      await store.meta.insertOnce('one', sampleBytes('one'))
      assert.equal(await store.meta.read('two'), undefined)
    },
    async 'the first writer stays, and later ones get its bytes'({ store }) {
      assertSame(await store.meta.insertOnce('vault-id', sampleBytes('first')), sampleBytes('first'))
      assertSame(await store.meta.insertOnce('vault-id', sampleBytes('second')), sampleBytes('first'))
      assertSame(await store.meta.read('vault-id'), sampleBytes('first'))
    },
    async 'bytes of every value and none come back'({ store }) {
      const every = Uint8Array.from({ length: 256 }, (_, value) => value)
      await store.meta.insertOnce('every', every)
      await store.meta.insertOnce('none', new Uint8Array(0))
      assertSame(await store.meta.read('every'), every)
      assertSame(await store.meta.read('none'), new Uint8Array(0))
    },
    async 'of 50 writers at once one wins, and all get its bytes'(subject) {
      const answers = await raceOf(subject, {
        count: 50,
        attempt: ({ meta }, number) => meta.insertOnce('vault-id', sampleBytes(`writer ${number}`)),
      })
      const winner = present(answers[0])
      for (const answer of answers) assertSame(answer, winner)
      assertSame(await subject.store.meta.read('vault-id'), winner)
    },
    async 'what a caller does to bytes changes nothing stored'({ store }) {
      const given = sampleBytes('first')
      scribble(await store.meta.insertOnce('vault-id', given))
      scribble(given)
      scribble(await store.meta.insertOnce('vault-id', sampleBytes('second')))
      scribble(await store.meta.read('vault-id'))
      assertSame(await store.meta.read('vault-id'), sampleBytes('first'))
    },
  },
})

/** Long enough to never end within a case. */
const longMs = 600_000
/** Short enough to wait for. */
const shortMs = 150

const lockCases = casesOf({
  about: 'locks',
  cases: {
    async 'a free lock is given to one holder alone'({ store: { locks } }) {
      assert.equal(await locks.acquire('sweep', 'one', longMs), true)
      assert.equal(await locks.acquire('sweep', 'two', longMs), false)
      assert.equal(await locks.acquire('rotate', 'two', longMs), true)
    },
    async 'its holder gets a lock again'({ store: { locks } }) {
      await locks.acquire('sweep', 'one', longMs)
      assert.equal(await locks.acquire('sweep', 'one', longMs), true)
      assert.equal(await locks.acquire('sweep', 'two', longMs), false)
    },
    async 'only its holder renews a lock'({ store: { locks } }) {
      assert.equal(await locks.renew('sweep', 'one', longMs), false)
      await locks.acquire('sweep', 'one', longMs)
      assert.equal(await locks.renew('sweep', 'two', longMs), false)
      assert.equal(await locks.renew('sweep', 'one', longMs), true)
      assert.equal(await locks.acquire('sweep', 'two', longMs), false)
    },
    async 'a lock that was refused to renew is still free'({ store: { locks } }) {
      await locks.renew('sweep', 'one', longMs)
      assert.equal(await locks.acquire('sweep', 'two', longMs), true)
    },
    async 'only its holder releases a lock'({ store: { locks } }) {
      await locks.release('sweep', 'one')
      await locks.acquire('sweep', 'one', longMs)
      await locks.release('sweep', 'two')
      assert.equal(await locks.acquire('sweep', 'two', longMs), false)
      await locks.release('sweep', 'one')
      assert.equal(await locks.renew('sweep', 'one', longMs), false)
      assert.equal(await locks.acquire('sweep', 'two', longMs), true)
    },
    async 'a lock ends with its time, and then another holder gets it'(subject) {
      const { locks } = subject.store
      await locks.acquire('sweep', 'one', shortMs)
      await untilFree(subject, 'sweep')
      assert.equal(await locks.renew('sweep', 'one', longMs), false)
      assert.equal(await locks.acquire('sweep', 'one', longMs), false)
    },
    async 'an ended lock is not renewed'(subject) {
      const { locks } = subject.store
      await locks.acquire('sweep', 'one', shortMs)
      await pass(subject, shortMs)
      assert.equal(await locks.renew('sweep', 'one', longMs), false)
    },
    async 'renewing and getting again both restart the time'(subject) {
      const { locks } = subject.store
      await locks.acquire('got again', 'one', shortMs)
      assert.equal(await locks.acquire('got again', 'one', longMs), true)
      assert.equal(await renewedInTime(subject, { name: 'renewed', holder: 'one' }), true)
      await pass(subject, shortMs)
      assert.equal(await locks.acquire('renewed', 'two', longMs), false)
      assert.equal(await locks.acquire('got again', 'two', longMs), false)
    },
    async 'of 50 that ask at once exactly one gets the lock'(subject) {
      const answers = await raceOf(subject, {
        count: 50,
        attempt: ({ locks }, number) => locks.acquire('sweep', `holder ${number}`, longMs),
      })
      assert.equal(answers.filter((won) => won).length, 1)
      const winner = `holder ${answers.indexOf(true)}`
      assert.equal(await subject.store.locks.renew('sweep', winner, longMs), true)
    },
    async 'of 50 that ask at once for an ended lock exactly one gets it'(subject) {
      await subject.store.locks.acquire('sweep', 'before', shortMs)
      await pass(subject, shortMs)
      const answers = await raceOf(subject, {
        count: 50,
        attempt: ({ locks }, number) => locks.acquire('sweep', `holder ${number}`, longMs),
      })
      assert.equal(answers.filter((won) => won).length, 1)
    },
  },
})

export const metaLockCases: readonly ConformanceCase[] = [...metaCases, ...lockCases]

/** Waits until every lock of `milliseconds` that began before this call has ended, by the store's own time. */
async function pass(subject: StoreUnderTest, milliseconds: number): Promise<void> {
  const probe = 'a probe that was begun later'
  await subject.store.locks.acquire(probe, 'one', milliseconds)
  await untilFree(subject, probe)
}

/** Gets a lock for a short time and renews it for a long one; again where it ended before, as on a busy machine. */
async function renewedInTime(
  { store: { locks } }: StoreUnderTest,
  { name, holder }: { readonly name: string; readonly holder: string },
): Promise<boolean> {
  for (let tries = 0; tries < 20; tries += 1) {
    await locks.acquire(name, holder, shortMs)
    if (await locks.renew(name, holder, longMs)) return true
  }
  return false
}

/** Asks as another holder until it gets the lock. */
async function untilFree(subject: StoreUnderTest, name: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await subject.store.locks.acquire(name, 'two', longMs)) return
    if (subject.advance === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
    else await subject.advance(10)
  }
  assert.fail('the lock does not end')
}
