// Key providers whose wraps and names are broken on purpose.
import type { WrapRequest } from '../../src/contracts/index.ts'
import type { BrokenProvider } from './sound-provider.ts'

const lends = 'wrap: neither keeps nor changes what it is lent'
const names = 'wrap: gives one to eight records that name the data key and its check value'
const apart = 'wrap: keeps the data keys of many calls apart, one after another and at the same time'
const current = 'currentKeyIds: are exactly the key ids of the wraps that are made now'

export const brokenWrapProviders: readonly BrokenProvider[] = [
  { broken: 'its id is empty', caught: 'id: is a text that stays the same', part: () => ({ id: '' }) },
  {
    broken: 'its id changes with each use',
    caught: 'id: is a text that stays the same',
    part() {
      let uses = 0
      return {
        get id() {
          uses += 1
          return `ring ${uses}`
        },
      }
    },
  },
  {
    broken: 'names of keys have further names',
    caught: 'canonicalKeyId: gives a name that has itself as its name',
    part: () => ({ canonicalKeyId: (keyId) => `${keyId}0` }),
  },
  {
    broken: 'fingerprints are too long',
    caught: 'fingerprints: have 8 bytes by key id, the same each time',
    part: () => ({ fingerprints: () => new Map([['main#1', new Uint8Array(32)]]) }),
  },
  {
    broken: 'fingerprints are random',
    caught: 'fingerprints: have 8 bytes by key id, the same each time',
    part() {
      let calls = 0
      return { fingerprints: () => new Map([['main#1', new Uint8Array(8).fill(++calls)]]) }
    },
  },
  {
    broken: 'an outage of the network is taken for a refusal',
    caught: 'classify: sorts whatever is thrown, and what it does not know is transient',
    part: () => ({ classify: () => 'denied' }),
  },
  { broken: 'no wrap is made', caught: names, part: () => ({ wrap: () => [] }) },
  {
    broken: 'nine wraps are made',
    caught: names,
    part: ({ wrap }) => ({
      wrap: async (request) => (await Promise.all(Array.from({ length: 9 }, () => wrap(request)))).flat(),
    }),
  },
  {
    broken: 'wraps are no records',
    caught: names,
    part: () => ({ wrap: ({ dekId }) => [dekId] }),
  },
  {
    broken: 'wraps name another data key',
    caught: names,
    part: ({ wrap }) => ({ wrap: (request) => wrap({ ...request, dekId: new Uint8Array(16) }) }),
  },
  {
    broken: 'wraps have the check value of another data key',
    caught: names,
    part: ({ wrap }) => ({ wrap: (request) => wrap({ ...request, dek: new Uint8Array(32).fill(3) }) }),
  },
  {
    broken: 'the second wrap is of another data key',
    caught: 'wrap: gives records each of which opens to the same 32 bytes, as often as it is asked',
    part: ({ wrap }) => ({
      wrap: async (request) => [...(await wrap(request)), ...(await wrap({ ...request, dek: new Uint8Array(32) }))],
    }),
  },
  {
    broken: 'the second call wraps the data key of the first',
    caught: apart,
    part({ wrap }) {
      let first: Uint8Array | undefined
      return {
        wrap(request) {
          first ??= request.dek.slice()
          return wrap({ ...request, dek: first })
        },
      }
    },
  },
  {
    broken: 'calls at the same time wrap the data key of the last of them',
    caught: apart,
    part({ wrap }) {
      let last: WrapRequest | undefined
      return {
        async wrap(request) {
          last = request
          await Promise.resolve()
          return wrap(last)
        },
      }
    },
  },
  {
    broken: 'a record opens once',
    caught: 'wrap: gives records each of which opens to the same 32 bytes, as often as it is asked',
    part({ unwrap }) {
      let isOpened = false
      return {
        async unwrap(record, scope) {
          const dek = await unwrap(record, scope)
          if (isOpened) return new Uint8Array(32)
          isOpened = true
          return dek
        },
      }
    },
  },
  {
    broken: 'names are folded to ASCII for the wrap alone',
    caught: 'wrap: takes the names of every scope',
    part: ({ wrap }) => ({
      wrap: (request) =>
        wrap({ ...request, scope: { ...request.scope, owner: request.scope.owner.replaceAll(/[^ -~]/g, '?') } }),
    }),
  },
  {
    broken: 'the lent data key is kept',
    caught: lends,
    part({ wrap }) {
      let kept: WrapRequest | undefined
      return {
        wrap(request) {
          kept = request
          return wrap(request)
        },
        unwrap: () => kept?.dek ?? new Uint8Array(32),
      }
    },
  },
  ...(['dek', 'dekId'] as const).map(
    (field): BrokenProvider => ({
      broken: `the lent ${field} is wiped`,
      caught: lends,
      part: ({ wrap }) => ({
        async wrap(request) {
          const wraps = await wrap(request)
          request[field].fill(0)
          return wraps
        },
      }),
    }),
  ),
  {
    broken: 'wraps are made once and handed out again',
    caught: 'wrap: gives records that a caller may overwrite',
    part({ wrap }) {
      let made: ReturnType<typeof wrap> | undefined
      return { wrap: (request) => (made ??= wrap(request)) }
    },
  },
  {
    broken: 'older key ids are called current too',
    caught: current,
    part: () => ({ currentKeyIds: () => new Set(['main#1', 'main#2']) }),
  },
  { broken: 'no key id is current', caught: current, part: () => ({ currentKeyIds: () => new Set() }) },
]
