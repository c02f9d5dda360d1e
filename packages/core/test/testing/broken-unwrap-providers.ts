// Key providers that open what they must not, or give memory that is not the caller's own.
import type { KeyScope } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import type { BrokenProvider, SoundProvider } from './sound-provider.ts'

const fresh = 'unwrap: gives fresh memory, and leaves the record as it is'
const altered = 'unwrap: never opens an altered record to other bytes'

export const brokenUnwrapProviders: readonly BrokenProvider[] = [
  {
    broken: 'one result is given to all callers',
    caught: fresh,
    part({ unwrap }) {
      let dek: Promise<Uint8Array> | undefined
      return { unwrap: (record, scope) => (dek ??= Promise.resolve(unwrap(record, scope))) }
    },
  },
  {
    broken: 'the record is wiped after its use',
    caught: fresh,
    part: ({ unwrap }) => ({
      async unwrap(record, scope) {
        const copy = Uint8Array.from(record)
        record.fill(0, 44)
        return unwrap(copy, scope)
      },
    }),
  },
  {
    broken: 'older keys are forgotten',
    caught: 'unwrap: opens what was wrapped before a rotation',
    part: ({ unwrap }) => ({
      unwrap(record, scope) {
        if (record.includes(1, 40) && record[43] === 1) throw new VaultError('VAULT_KEY_UNKNOWN')
        return unwrap(record, scope)
      },
    }),
  },
  scopeBlind('another owner', (scope) => ({ ...scope, owner: '' })),
  scopeBlind('another server', (scope) => ({ ...scope, server: '' })),
  scopeBlind('another kind', (scope) => ({ ...scope, kind: 'values' })),
  scopeBlind('an archive', (scope) => ({ ...scope, kind: scope.kind === 'archive' ? 'audit' : scope.kind })),
  scopeBlind('another vault', (scope) => ({ ...scope, vaultId: new Uint8Array(16) })),
  scopeBlind('names whose border moved', (scope) => ({ ...scope, owner: scope.server + scope.owner, server: '' })),
  scopeBlind('names that look the same', (scope) => ({ ...scope, owner: scope.owner.normalize() })),
  {
    broken: 'another scope is called an unknown key',
    caught: 'unwrap: does not open a record for another owner',
    part: ({ unwrap }) => ({
      async unwrap(record, scope) {
        if (scope.owner === 'bob') throw new VaultError('VAULT_KEY_UNKNOWN')
        return unwrap(record, scope)
      },
    }),
  },
  {
    broken: 'what does not open gives zeros',
    caught: altered,
    part: (sound) => ({ unwrap: (record, scope) => opened(sound, record, scope, new Uint8Array(32)) }),
  },
  {
    broken: 'the end of a record is not looked at',
    caught: altered,
    part({ wrap, unwrap }) {
      let last = 0
      return {
        async wrap(request) {
          const wraps = await wrap(request)
          last = wraps[0]?.at(-1) ?? 0
          return wraps
        },
        unwrap: (record, scope) => unwrap(record.with(-1, last), scope),
      }
    },
  },
  {
    broken: 'an altered record is called an outage',
    caught: altered,
    part: ({ unwrap }) => ({
      async unwrap(record, scope) {
        try {
          return await unwrap(record, scope)
        } catch {
          throw new VaultError('VAULT_KEY_UNAVAILABLE')
        }
      },
    }),
  },
  {
    broken: 'bytes after a record are left out',
    caught: 'unwrap: refuses bytes that are no record',
    part: ({ unwrap }) => ({ unwrap: (record, scope) => unwrap(record.slice(0, 163), scope) }),
  },
  {
    broken: 'a record of another provider is called altered',
    caught: 'unwrap: says of a record of another provider that its key is unknown',
    part: ({ unwrap }) => ({
      async unwrap(record, scope) {
        try {
          return await unwrap(record, scope)
        } catch {
          throw new VaultError('VAULT_OPEN_FAILED')
        }
      },
    }),
  },
]

/** A provider to which different scopes are one. */
function scopeBlind(name: string, blur: (scope: KeyScope) => KeyScope): BrokenProvider {
  return {
    broken: `a record opens for ${name}`,
    caught: `unwrap: does not open a record for ${name}`,
    part: ({ wrap, unwrap }) => ({
      wrap: (request) => wrap({ ...request, scope: blur(request.scope) }),
      unwrap: (record, scope) => unwrap(record, blur(scope)),
    }),
  }
}

async function opened(
  { unwrap }: SoundProvider,
  record: Uint8Array,
  scope: KeyScope,
  otherwise: Uint8Array,
): Promise<Uint8Array> {
  try {
    return await unwrap(record, scope)
  } catch {
    return otherwise
  }
}
