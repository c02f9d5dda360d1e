// Conformance cases: what does not open, and that the error says why.
import assert from 'node:assert/strict'
import { copyBytes, sameBytes } from '../../bytes/index.ts'
import type { KeyScope } from '../../contracts/index.ts'
import { encodeWrappedKey, recoveryKekId, type WrappedKeyParts } from '../../envelope/index.ts'
import { sampleBytes } from '../conformance/samples.ts'
import { casesOf, type ProviderConformanceCase, type ProviderUnderTest } from './case.ts'
import {
  assertFails,
  integrityCodes,
  open,
  outcomeOf,
  parsed,
  refusalCodes,
  sampleKeyScope,
  sampleRequest,
  wrapsOf,
} from './check.ts'

/** Scopes that a record of the scope in `of` must not open for. */
const otherScopes: Readonly<Record<string, { readonly to: KeyScope; readonly of?: KeyScope }>> = {
  'another owner': { to: sampleKeyScope({ owner: 'bob' }) },
  'another server': { to: sampleKeyScope({ server: 'gitlab' }) },
  'another kind': {
    of: sampleKeyScope({ server: '', owner: '' }),
    to: sampleKeyScope({ kind: 'audit', server: '', owner: '' }),
  },
  'an archive': {
    of: sampleKeyScope({ kind: 'audit', server: '', owner: '' }),
    to: sampleKeyScope({ kind: 'archive', server: '', owner: '' }),
  },
  'another vault': { to: sampleKeyScope({ vaultId: sampleBytes('another vault').subarray(0, 16) }) },
  'names whose border moved': {
    of: sampleKeyScope({ server: 'git', owner: 'hub' }),
    to: sampleKeyScope({ server: 'gith', owner: 'ub' }),
  },
  'names that look the same': {
    of: sampleKeyScope({ owner: 'Zo\u00eb' }),
    to: sampleKeyScope({ owner: 'Zoe\u0308' }),
  },
}

const scopeCases = casesOf({
  about: 'unwrap',
  cases: Object.fromEntries(
    Object.entries(otherScopes).map(([name, { of = sampleKeyScope(), to }]) => [
      `does not open a record for ${name}`,
      async (subject: ProviderUnderTest) => {
        for (const record of await wrapsOf(subject.provider, sampleRequest(name, of)))
          assertFails(await outcomeOf(subject.provider, () => open(subject, record, to)), integrityCodes, name)
      },
    ]),
  ),
})

const recordCases = casesOf({
  about: 'unwrap',
  cases: {
    async 'never opens an altered record to other bytes'(subject) {
      for (const record of await wrapsOf(subject.provider))
        for (const places of inGroups(record.length))
          await Promise.all(places.map((at) => assertGuarded(subject, record, at)))
    },
    async 'refuses bytes that are no record'({ provider }) {
      for (const record of await wrapsOf(provider)) {
        const noRecords = {
          'no bytes': new Uint8Array(),
          'a record that was cut': record.slice(0, -1),
          'half of a record': record.slice(0, record.length / 2),
          'a record with a byte more': Uint8Array.of(...record, 0),
        }
        for (const [name, bytes] of Object.entries(noRecords))
          assertFails(await outcomeOf(provider, () => provider.unwrap(bytes, sampleKeyScope())), integrityCodes, name)
      }
    },
    async 'says of a record of another provider that its key is unknown'({ provider }) {
      for (const parts of strangers) {
        const { dekId, scope } = sampleRequest()
        const record = encodeWrappedKey({ dekId, keyCheckValue: sampleBytes('check').subarray(0, 16), ...parts })
        const outcome = await outcomeOf(provider, () => provider.unwrap(record, scope))
        assertFails(outcome, ['VAULT_KEY_UNKNOWN'], `a record of the type ${parts.wrapType}`)
      }
    },
  },
})

export const refusalCases: readonly ProviderConformanceCase[] = [...scopeCases, ...recordCases]

const randomBytes = Uint8Array.of(...['a', 'b', 'c', 'd', 'e'].flatMap((label) => [...sampleBytes(label)]))
const strangers: readonly Omit<WrappedKeyParts, 'dekId' | 'keyCheckValue'>[] = [
  { wrapType: 'local', kekId: 'of-a-stranger', kekVersion: 1, wrapped: randomBytes.subarray(0, 112) },
  {
    wrapType: 'aws-kms',
    kekId: 'arn:aws:kms:eu-central-1:999999999999:key/5a3c2b1d-0000-4000-8000-000000000000',
    kekVersion: 0,
    wrapped: randomBytes,
  },
  {
    wrapType: 'transit',
    kekId: 'of-a/stranger',
    kekVersion: 1,
    wrapped: Buffer.from(`vault:v1:${Buffer.from(randomBytes).toString('base64')}`),
  },
  {
    wrapType: 'recovery',
    kekId: recoveryKekId(sampleBytes('of a stranger')),
    kekVersion: 1,
    wrapped: randomBytes.subarray(0, 144),
  },
]

/** The places of a record, so many at a time as a key service may be asked. */
function inGroups(length: number): readonly (readonly number[])[] {
  const size = 16
  return Array.from({ length: Math.ceil(length / size) }, (_, group) =>
    Array.from({ length: Math.min(size, length - group * size) }, (_place, index) => group * size + index),
  )
}

/** One bit of the byte at this place is changed: the record is refused, or what it opens to is the same. */
async function assertGuarded({ provider }: ProviderUnderTest, record: Uint8Array, at: number): Promise<void> {
  const altered = copyBytes(record)
  altered[at] = (record[at] ?? 0) ^ (1 << (at % 8))
  const outcome = await outcomeOf(provider, () => provider.unwrap(altered, sampleKeyScope()))
  const part = partAt(record, at)
  if (outcome.state === 'failed') {
    // A key service may not want to say of a key id that was altered whether there is such a key.
    const codes = [...integrityCodes, ...(part.startsWith('key') ? refusalCodes : ['VAULT_KEY_UNKNOWN'])]
    return assertFails(outcome, codes, `a record that is altered at ${at}`)
  }
  assert.ok(sameBytes(outcome.value, sampleRequest().dek), `a record that is altered at ${at} opened to other bytes`)
  assert.ok(['data key', 'key name', 'text end'].includes(part), `a record that is altered at ${at} must be refused`)
}

/**
 * `data key`: its id and check value, which the vault compares itself. `key name`: one key may have several. `text end`:
 * of base64, where some bits say nothing. A change in these may be harmless.
 */
function partAt(record: Uint8Array, at: number): 'data key' | 'key version' | 'key name' | 'text end' | 'guarded' {
  const { wrappedAt, wrapType } = parsed(record)
  if (at >= 8 && at < 40) return 'data key'
  if (at >= 40 && at < 44) return 'key version'
  if (at > 44 && at < wrappedAt - 2) return 'key name'
  return wrapType === 'transit' && at >= record.length - 4 ? 'text end' : 'guarded'
}
