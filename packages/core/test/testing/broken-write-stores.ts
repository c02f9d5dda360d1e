// Stores whose writes of secrets are broken on purpose.
import type { PutOptions, SecretRef, SecretStore, StoredSecret } from '../../src/contracts/index.ts'
import { sampleRef } from '../../src/testing/index.ts'
import { type BrokenStore, brokenSecrets, pause, type SecretBreak } from './breaking.ts'

export const brokenWriteStores: readonly BrokenStore[] = [
  broken('lost updates', 'put: of 20 updates of one revision at once exactly one wins, in each round', checkThenPut),
  broken('an insert race with two winners', 'put: of 50 inserts at once exactly one wins', checkThenPut),
  broken(
    'a removal that races',
    'remove: of 10 updates and 10 removals of one revision at once exactly one wins',
    (s) => ({
      async remove(ref, options) {
        const before = await s.find(ref, 'current')
        await pause()
        await force(s, ref, (ifRevision) => s.remove(ref, { ...options, ifRevision }))
        return before?.revision === options.ifRevision
      },
    }),
  ),
  broken('put ignores the revision', 'put: writes nothing when the revision is not the stored one', forcedPut),
  broken('put inserts over a record', 'put: inserts nothing over a record that is there', forcedPut),
  broken('put revives a deleted record', 'put: inserts nothing over a deleted record', forcedPut),
  broken(
    'put inserts where there must be a record',
    'put: writes nothing when there must be a record and there is none',
    forcedPut,
  ),
  broken('put answers true when it lost', 'put: inserts nothing over a record that is there', (s) => ({
    put: async (record, options) => (await s.put(record, options)) || true,
  })),
  broken('put answers false when it won', 'put: inserts when there must be no record and there is none', (s) => ({
    put: async (record, options) => (await s.put(record, options)) && false,
  })),
  broken(
    'put drops all envelopes that are not given',
    'put: a version without envelope keeps the stored bytes',
    (s) => ({
      put: (record, options) =>
        s.put(
          mapVersions(record, (version) => ({ ...version, envelope: version.envelope ?? empty })),
          options,
        ),
    }),
  ),
  broken(
    'put keeps bytes of the current version alone',
    'put: a version that stops being current keeps its stored bytes',
    (s) => ({
      put: (record, options) =>
        s.put(
          mapVersions(record, (version) =>
            version.version === record.currentVersion ? version : { ...version, envelope: version.envelope ?? empty },
          ),
          options,
        ),
    }),
  ),
  broken('put never replaces bytes', 'put: an envelope for a kept version number replaces the stored bytes', (s) => ({
    async put(record, options) {
      const before = await s.find(record.ref, 'all')
      const kept = (number: number) => before?.versions.find(({ version }) => version === number)?.envelope
      return s.put(
        mapVersions(record, (version) => ({
          ...version,
          envelope: kept(version.version) ?? version.envelope ?? empty,
        })),
        options,
      )
    },
  })),
  broken('versions are never dropped', 'put: versions that are not in the record are gone', (s) => ({
    async put(record, options) {
      const before = await s.find(record.ref, 'all')
      const numbers = record.versions.map(({ version }) => version)
      const old = before?.versions.filter(({ version }) => !numbers.includes(version)) ?? []
      return s.put({ ...record, versions: [...old, ...record.versions] }, options)
    },
  })),
  broken(
    'grants are never dropped',
    'put: grants that are not in the record are gone, and the others are as given',
    (s) => ({
      async put(record, options) {
        const before = await s.find(record.ref, 'current')
        const principals = record.grants.map(({ principal }) => principal)
        const old = before?.grants.filter(({ principal }) => !principals.includes(principal)) ?? []
        return s.put({ ...record, grants: [...old, ...record.grants] }, options)
      },
    }),
  ),
  broken('an update forgets to clear fields', 'put: replaces the record when the revision is the stored one', (s) => ({
    async put(record, options) {
      const { description } = (await s.find(record.ref, 'current')) ?? {}
      return s.put(description === undefined ? record : { description, ...record }, options)
    },
  })),
  broken('put moves the counters', 'put: counters of use are kept as stored', movesCounters),
  broken(
    'put sets counters that never moved',
    'put: counters of use that were never moved stay unmoved',
    movesCounters,
  ),
  broken('put changes other owners', 'put: a put changes no other record', (s) => ({
    async put(record, options) {
      const other = sampleRef({ owner: 'bob' })
      if (options.ifRevision === 1) await s.remove(other, { ifRevision: 1 })
      return s.put(record, options)
    },
  })),
  broken('remove ignores the revision', 'remove: removes nothing when the revision is not the stored one', (s) => ({
    remove: (ref, options) => force(s, ref, (ifRevision) => s.remove(ref, { ...options, ifRevision })),
  })),
  broken('remove answers true for nothing', 'remove: an absent record is not removed', (s) => ({
    remove: async (ref, options) => (await s.remove(ref, options)) || true,
  })),
  broken('remove only marks', 'remove: removes the record with everything of it', (s) => ({
    async remove(ref, { ifRevision }) {
      const found = await s.find(ref, 'all')
      return found !== undefined && s.put({ ...found, state: 'deleted', revision: ifRevision + 1 }, { ifRevision })
    },
  })),
  broken('remove takes the name of every server', 'remove: removes no other record', (s) => ({
    async remove(ref, options) {
      await s.remove({ ...ref, server: 'slack' }, options)
      return s.remove(ref, options)
    },
  })),
  broken('remove leaves versions behind', 'remove: a record that is inserted again has nothing of the old one', (s) => {
    const left = new Map<string, StoredSecret>()
    return {
      async remove(ref, options) {
        const found = await s.find(ref, 'all')
        if (found !== undefined) left.set(JSON.stringify(ref), found)
        return s.remove(ref, options)
      },
      put(record, options) {
        const old = left.get(JSON.stringify(record.ref))?.versions.filter(({ version }) => version > 1) ?? []
        return s.put({ ...record, versions: [...record.versions, ...old] }, options)
      },
    }
  }),
]

function broken(what: string, caught: string, part: SecretBreak): BrokenStore {
  return brokenSecrets(what, `secrets.${caught}`, part)
}

const empty = new Uint8Array(0)

function checkThenPut(secrets: SecretStore): Partial<SecretStore> {
  return {
    async put(record, options) {
      const before = await secrets.find(record.ref, 'current')
      if ((before?.revision ?? 0) !== options.ifRevision) return false
      await pause()
      return force(secrets, record.ref, (ifRevision) => secrets.put(record, { ...options, ifRevision }))
    },
  }
}

function forcedPut(secrets: SecretStore): Partial<SecretStore> {
  return {
    put: (record, options: PutOptions) =>
      force(secrets, record.ref, (ifRevision) => secrets.put(record, { ...options, ifRevision })),
  }
}

function movesCounters(secrets: SecretStore): Partial<SecretStore> {
  return {
    async put(record, { ifRevision }) {
      if (ifRevision > 0) await secrets.remove(record.ref, { ifRevision })
      return secrets.put(record, { ifRevision: 0 })
    },
  }
}

async function force<T>(secrets: SecretStore, ref: SecretRef, write: (ifRevision: number) => T): Promise<Awaited<T>> {
  return await write((await secrets.find(ref, 'current'))?.revision ?? 0)
}

function mapVersions(
  record: StoredSecret,
  change: (version: StoredSecret['versions'][number]) => StoredSecret['versions'][number],
): StoredSecret {
  return { ...record, versions: record.versions.map(change) }
}
