// Key providers whose key service is broken on purpose.

import { keyOf } from '../providers/fixtures.ts'
import type { BrokenProvider } from './sound-provider.ts'

const given = 'generate: gives 32 bytes, and records that name them and open to them'
const kept = 'rewrap: keeps the data key, and gives the wraps of now'

export const brokenServiceProviders: readonly BrokenProvider[] = [
  {
    broken: 'a generated data key is too short',
    caught: given,
    part: ({ generate }) => ({
      async generate(request) {
        const { dek, wraps } = await generate(request)
        return { dek: dek.slice(0, 16), wraps }
      },
    }),
  },
  {
    broken: 'the wraps of a generated data key are of another',
    caught: given,
    part: ({ generate }) => ({
      generate: async (request) => ({ ...(await generate(request)), dek: keyOf('another') }),
    }),
  },
  {
    broken: 'a generated data key has no wraps',
    caught: given,
    part: () => ({ generate: () => ({ dek: keyOf('some'), wraps: [] }) }),
  },
  {
    broken: 'a generated data key comes twice',
    caught: 'generate: never gives one data key twice',
    part: ({ wrap }) => ({
      generate: async (request) => {
        const dek = keyOf('always')
        return { dek, wraps: await wrap({ ...request, dek }) }
      },
    }),
  },
  {
    broken: 'a rewrap changes the data key',
    caught: kept,
    part: ({ generate }) => ({
      rewrap: async (_wraps, scope) => (await generate({ dekId: keyOf('id').subarray(0, 16), scope })).wraps,
    }),
  },
  { broken: 'a rewrap changes nothing', caught: kept, part: () => ({ rewrap: (wraps) => wraps }) },
  {
    broken: 'a rewrap makes what is current again',
    caught: 'rewrap: leaves the wraps of now as they are',
    part: ({ wrap, unwrap }) => ({
      async rewrap([record = new Uint8Array()], scope) {
        const dek = await unwrap(record, scope)
        return wrap({ dek, dekId: record.slice(8, 24), scope })
      },
    }),
  },
  {
    broken: 'a rewrap moves a data key to another owner',
    caught: 'rewrap: refuses a wrap of another scope',
    part: ({ wrap, unwrap }) => ({
      async rewrap([record = new Uint8Array()], scope) {
        const dek = await unwrap(record, { ...scope, owner: 'alice' })
        return wrap({ dek, dekId: record.slice(8, 24), scope })
      },
    }),
  },
]
