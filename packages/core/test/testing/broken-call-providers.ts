// Key providers whose calls mix up, do not end, or tell a key.
import { createSecretKey } from 'node:crypto'
import { VaultError } from '../../src/errors/index.ts'
import { pause } from './breaking.ts'
import { type BrokenProvider, currentKey } from './sound-provider.ts'

const ends = 'calls: end when their signal is aborted, and that is no refusal'
const silent = 'calls: that fail say nothing of a key, and no property of the provider does'

export const brokenCallProviders: readonly BrokenProvider[] = [
  {
    broken: 'calls at the same time share one buffer',
    caught: 'calls: at the same time do not mix up',
    part({ wrap }) {
      const shared = new Uint8Array(32)
      return {
        async wrap(request) {
          shared.set(request.dek)
          await pause()
          return wrap({ ...request, dek: shared })
        },
      }
    },
  },
  {
    broken: 'a call goes on after it was aborted',
    caught: ends,
    part: ({ wrap }) => ({
      wrap: (request, options) => (options?.signal?.aborted === true ? new Promise(() => {}) : wrap(request)),
    }),
  },
  {
    broken: 'an aborted call is called a refusal',
    caught: ends,
    part: ({ unwrap }) => ({
      unwrap(record, scope, options) {
        if (options?.signal?.aborted === true) throw new VaultError('VAULT_KEY_DENIED')
        return unwrap(record, scope)
      },
    }),
  },
  tells('in its message', (dek) => new Error(`could not wrap ${Buffer.from(dek).toString('hex').toUpperCase()}`)),
  tells('in a property', (dek) => Object.assign(new Error('no'), { request: { body: Buffer.from(dek) } })),
  tells('in its cause', (dek) => new Error('no', { cause: { Plaintext: Buffer.from(dek).toString('base64') } })),
  tells('as numbers', (dek) => Object.assign(new Error('no'), { sent: JSON.stringify(Buffer.from(dek)) })),
  {
    broken: 'the provider shows its key',
    caught: silent,
    part: ({ id }) => Object.assign({ id }, { keys: new Map([['main#2', createSecretKey(currentKey)]]) }),
  },
]

/** A provider whose error has the data key in it. */
function tells(where: string, errorOf: (dek: Uint8Array) => Error): BrokenProvider {
  return {
    broken: `an error holds the data key ${where}`,
    caught: silent,
    part: ({ wrap }) => ({
      wrap(request, options) {
        if (options?.signal?.aborted === true) throw errorOf(request.dek)
        return wrap(request)
      },
    }),
  }
}
