// A key provider that returns wrong bytes on its second wrap: no data key is lost, and no value that was acknowledged.
import { operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider, WrapRequest } from '../../src/contracts/index.ts'
import { isVaultError } from '../../src/errors/index.ts'
import { multiProvider } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { keyOf } from '../providers/fixtures.ts'
import {
  both,
  idsOf,
  idsOfAll,
  lastBitFlipped,
  main,
  nothing,
  opensWith,
  operatorOf,
  recovery,
  rotated,
  rotatedRecovery,
  rowsOf,
  vaultUnder,
} from './rewrapping.ts'

interface WrongWrap {
  readonly ring: KeyProvider
  readonly request: WrapRequest
  readonly wraps: readonly Uint8Array[]
}

type Wraps = readonly Uint8Array[] | Promise<readonly Uint8Array[]>

const other = keyOf('another data key')
const wrongWraps: readonly (readonly [string, (wrong: WrongWrap) => Wraps])[] = [
  ['an altered record', ({ wraps }) => wraps.map(lastBitFlipped)],
  ['the wrap of another data key', async ({ ring, request }) => ring.wrap({ ...request, dek: other })],
  ['the wrap of another data key that says it is this one', ({ ring, request, wraps }) => forged(ring, request, wraps)],
  ['the wrap of this data key with another check value', ({ wraps }) => wraps.map(mislabelled)],
  ['the wrap of another id', async ({ ring, request }) => ring.wrap({ ...request, dekId: new Uint8Array(16) })],
  [
    'the wrap for another owner',
    async ({ ring, request }) => ring.wrap({ ...request, scope: { ...request.scope, owner: 'eve' } }),
  ],
  ['bytes that are no record', () => [new Uint8Array(165)]],
  ['nothing', () => []],
]

/** The other data key, with the check value of this one: as a key service that does not look at the check value. */
async function forged(ring: KeyProvider, request: WrapRequest, wraps: readonly Uint8Array[]) {
  const [record = new Uint8Array()] = await ring.wrap({ ...request, dek: other })
  record.set(wraps[0]?.subarray(24, 40) ?? [], 24)
  return [record]
}

/** As a key service that does not look at the check value would take it. */
const mislabelled = (wrap: Uint8Array): Uint8Array => wrap.with(30, (wrap[30] ?? 0) ^ 1)

/** What `ring` is, but for its second wrap. What was forged opens to the other data key, and what was mislabelled to the right one. */
function wrongOnSecond(ring: KeyProvider, wrong: (wrap: WrongWrap) => Wraps): KeyProvider & { calls(): number } {
  let calls = 0
  let bad: readonly Uint8Array[] = []
  let right: Uint8Array = new Uint8Array()
  return {
    ...ring,
    calls: () => calls,
    async wrap(request) {
      // The root key comes before those of the owners, or between them.
      if (request.scope.kind === 'values') calls += 1
      const isSecond = request.scope.kind === 'values' && calls === 2
      const wraps = await ring.wrap(request)
      if (!isSecond) return wraps
      right = Buffer.from(request.dek)
      bad = await wrong({ ring, request, wraps })
      return bad
    },
    async unwrap(record, scope) {
      const isBad = bad.some((each) => Buffer.compare(each, record) === 0)
      if (isBad && wrong === wrongWraps[2]?.[1]) return Buffer.from(other)
      if (isBad && wrong === wrongWraps[3]?.[1]) return Buffer.from(right)
      return ring.unwrap(record, scope)
    },
  }
}

describe.each(wrongWraps)('a provider that gives %s on its second wrap', (_name, wrong) => {
  it('changes no row with it when data keys are rewrapped, and the next rewrap makes it good', async () => {
    const store = await vaultUnder(main)
    const before = new Map((await rowsOf(store)).map((row) => [row.id, row]))
    const provider = wrongOnSecond(rotated, wrong)
    const report = await operatorOf(store, provider).rewrap()
    expect(report).toMatchObject({ rewrapped: 2, alreadyDone: 0, quarantined: [{ dekId: expect.any(String) }] })
    const [left] = report.quarantined
    for (const row of await rowsOf(store)) {
      if (row.id === left?.dekId) expect(row).toEqual(before.get(row.id))
      else expect(idsOf(row)).toEqual(['main#2'])
    }
    await opensWith(store, rotated)
    expect(await operatorOf(store, provider).rewrap()).toMatchObject({ rewrapped: 1, quarantined: [] })
    expect(await idsOfAll(store)).toEqual(['main#2'])
    await opensWith(store, rotated)
  })

  it('takes no old wrap away when it is the recovery key that is wrong', async () => {
    const store = await vaultUnder(main)
    const provider = multiProvider({ primary: rotated, recovery: [wrongOnSecond(recovery, wrong)] })
    const report = await operatorOf(store, provider).rewrap()
    expect(report).toMatchObject({ rewrapped: 2, quarantined: [{ dekId: expect.any(String) }] })
    await opensWith(store, rotated)
    expect(await operatorOf(store, provider).rewrap()).toMatchObject({ rewrapped: 1, quarantined: [] })
    expect(await operatorOf(store, provider).rewrap({ verify: true })).toMatchObject(nothing)
    await opensWith(store, recovery)
  })

  it('keeps the old recovery wrap when both keys rotate and the new recovery key is wrong', async () => {
    const store = await vaultUnder(both)
    const provider = multiProvider({ primary: rotated, recovery: [wrongOnSecond(rotatedRecovery, wrong)] })
    expect(await operatorOf(store, provider).rewrap()).toMatchObject({
      rewrapped: 2,
      quarantined: [{ dekId: expect.any(String) }],
    })
    await opensWith(store, rotatedRecovery)
    expect(await operatorOf(store, provider).rewrap()).toMatchObject({ rewrapped: 1, quarantined: [] })
    expect(await idsOfAll(store)).toEqual(['main#2', 'recovery#2'])
    await opensWith(store, rotatedRecovery)
  })

  it.each([
    ['alone', (wrongRing: (ring: KeyProvider) => KeyProvider) => wrongRing(main)],
    [
      'as the recovery key',
      (wrongRing: (ring: KeyProvider) => KeyProvider) =>
        multiProvider({ primary: main, recovery: [wrongRing(recovery)] }),
    ],
  ] as const)('stores no data key with it %s, and the next write makes a sound one', async (_where, providerOf) => {
    const store = memoryStore()
    const provider = providerOf((ring) => wrongOnSecond(ring, wrong))
    const { scope, vault } = testVault({ store, keys: provider, audit: { mode: 'dangerously-off' } })
    await scope('alice').set('token', 'of alice')
    const refused = await scope('bob')
      .set('token', 'never acknowledged')
      .catch((error: unknown) => error)
    expect(isVaultError(refused)).toBe(true)
    expect((await rowsOf(store)).map((row) => row.scope.owner).sort()).toEqual(['', 'alice'])
    await scope('bob').set('token', 'of bob')
    await vault.close()
    const after = testVault({ store, keys: provider, audit: { mode: 'dangerously-off' } })
    for (const owner of ['alice', 'bob']) expect((await after.scope(owner).get('token'))?.reveal()).toBe(`of ${owner}`)
    expect(await after.vault.operator(operatorPrincipal).rewrap({ verify: true })).toMatchObject(nothing)
    await after.vault.close()
  })
})
