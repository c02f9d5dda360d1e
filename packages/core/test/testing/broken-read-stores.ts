// Stores whose reads of secrets are broken on purpose.
import type { StoredSecret } from '../../src/contracts/index.ts'
import { sampleSecret } from '../../src/testing/index.ts'
import { type BrokenStore, brokenSecrets, type SecretBreak } from './breaking.ts'

export const brokenReadStores: readonly BrokenStore[] = [
  broken('reads of other owners', 'find: another owner, server or name is another secret', (s) => ({
    find: async (ref, versions) => (await s.find(ref, versions)) ?? s.find({ ...ref, owner: 'alice' }, versions),
  })),
  broken('reads of other servers', 'find: another owner, server or name is another secret', (s) => ({
    find: async (ref, versions) => (await s.find(ref, versions)) ?? s.find({ ...ref, server: 'github' }, versions),
  })),
  broken('absent secrets are made up', 'find: an absent secret is undefined', (s) => ({
    find: async (ref, versions) => (await s.find(ref, versions)) ?? sampleSecret({ ref }),
  })),
  broken(
    'find brings all envelopes always',
    'find: `current` brings the envelope of the current version alone, and the whole list of versions',
    (s) => ({
      find: (ref) => s.find(ref, 'all'),
    }),
  ),
  broken(
    'find takes the newest for the current',
    'find: `current` follows a current version that is not the newest',
    (s) => ({
      async find(ref, versions) {
        const found = await s.find(ref, versions)
        return versions === 'current' ? s.find(ref, found?.versions.at(-1)?.version ?? 0) : found
      },
    }),
  ),
  broken(
    'find brings only the versions asked for',
    'find: a number brings the envelope of that version alone',
    (s) => ({
      async find(ref, versions) {
        const found = await s.find(ref, versions)
        return found && { ...found, versions: found.versions.filter(({ envelope }) => envelope !== undefined) }
      },
    }),
  ),
  broken(
    'find has no record for a version that is not kept',
    'find: a number that is not kept brings the record without an envelope',
    (s) => ({
      async find(ref, versions) {
        const found = await s.find(ref, versions)
        return found?.versions.some(({ envelope }) => envelope !== undefined) ? found : undefined
      },
    }),
  ),
  broken('find hides deleted secrets', 'find: inactive and deleted secrets are found', (s) => ({
    async find(ref, versions) {
      const found = await s.find(ref, versions)
      return found?.state === 'deleted' ? undefined : found
    },
  })),
  broken('a field is lost', 'find: every field comes back', (s) => ({
    put: ({ description: _description, ...record }, options) => s.put(record, options),
  })),
  broken('an absent field becomes empty', 'find: fields that are absent stay absent', (s) => ({
    put: (record, options) => s.put({ description: '', ...record }, options),
  })),
  broken('long envelopes are cut', 'find: an envelope of 1 MiB comes back whole', (s) => ({
    put: (record, options) =>
      s.put(
        mapVersions(record, (version) => ({ ...version, envelope: (version.envelope ?? empty).slice(0, 65_535) })),
        options,
      ),
  })),
  broken('bytes are kept as text', 'find: bytes of every value come back', (s) => ({
    put: (record, options) =>
      s.put({ ...record, managed: Buffer.from(Buffer.from(record.managed).toString('utf8')) }, options),
  })),
  broken('dates are cut to seconds', 'find: dates keep their milliseconds', (s) => ({
    put: (record, options) =>
      s.put({ ...record, createdAt: new Date(Math.floor(record.createdAt.getTime() / 1000) * 1000) }, options),
  })),
  broken('dates end in 2038', 'find: dates far from now come back', (s) => ({
    put: ({ expiresAt, ...record }, options) =>
      s.put(
        expiresAt && expiresAt > new Date('2038-01-19') ? record : { ...record, ...(expiresAt && { expiresAt }) },
        options,
      ),
  })),
  broken(
    'given rows are kept as they are',
    'find: what a caller does to a record it has put changes nothing stored',
    (s) => {
      const given = new Map<string, StoredSecret>()
      return {
        put(record, options) {
          given.set(JSON.stringify(record.ref), record)
          return s.put(record, options)
        },
        find: (ref) => given.get(JSON.stringify(ref)),
      }
    },
  ),
  broken('stored rows are handed out', 'find: what a caller does to a result changes nothing stored', (s) => {
    const cache = new Map<string, StoredSecret | undefined>()
    return {
      async find(ref, versions) {
        const key = JSON.stringify([ref, versions])
        if (!cache.has(key)) cache.set(key, await s.find(ref, versions))
        return cache.get(key)
      },
    }
  }),
]

const empty = new Uint8Array(0)

function broken(what: string, caught: string, part: SecretBreak): BrokenStore {
  return brokenSecrets(what, `secrets.${caught}`, part)
}

function mapVersions(
  record: StoredSecret,
  change: (version: StoredSecret['versions'][number]) => StoredSecret['versions'][number],
): StoredSecret {
  return { ...record, versions: record.versions.map(change) }
}
