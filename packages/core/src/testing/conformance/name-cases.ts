// Conformance cases: text is kept and compared byte for byte, and means nothing to the engine.
import assert from 'node:assert/strict'
import type { SecretQuery, StoredSecret, VaultStore } from '../../contracts/index.ts'
import { casesOf } from './case.ts'
import { assertSame, insertAll, namesOf, seenWith } from './check.ts'
import { sampleAuditRow, sampleDataKey, sampleGrant, sampleRef, sampleScope, sampleSecret } from './samples.ts'

/** Pairs that a careless engine takes for the same text, and text that engines give a meaning. */
const awkwardNames: readonly string[] = [
  ...['a', 'A', 'ａ', 'á', 'a\u0301', 'ä', 'ß', 'ss', 'SS', 'ſs', 'i', 'I', 'İ', 'ı', 'K', '\u212a', 'k'],
  ...['trim', ' trim', 'trim ', 'trim\u00a0', 'zero\u200bwidth', 'zerowidth', 'pad', 'pad  ', '.', 'a.b', '.a', 'a.'],
  ...['0', '00', '0.0', '1e3', '1000', 'null', 'undefined', 'true', 'NaN', '-1', '9007199254740993'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '$ne', '$where', '$gt', '{"$ne":1}', '[object Object]'],
  ...[
    "o'hare",
    '"quoted"',
    '`tick`',
    "' OR '1'='1",
    '; DROP TABLE secrets; --',
    "'); DELETE FROM x; --",
    '$1',
    '?',
    ':p',
  ],
  ...[
    '%',
    '_',
    'a%',
    'a_',
    '\\',
    'a\\',
    '\\0',
    '[a]',
    '[!a]',
    'a?',
    '{a}',
    '{a',
    'a}',
    'a:b',
    'a:b:c',
    'a|b',
    'a,b',
    'a;b',
  ],
  ...[
    '<script>alert(1)</script>',
    '\u0024{a}',
    '%s',
    '%00',
    '%2F',
    '😀',
    '\u{1F468}\u200d\u{1F469}',
    '\uE000',
    '\uFFFD',
    '日本語',
  ],
  ...['x'.repeat(256), 'x'.repeat(255), `${'x'.repeat(255)}y`, 'é'.repeat(128)],
]

/** What owners, servers, principals and tags may hold beside: a secret's name may not. */
const awkwardIds: readonly string[] = [
  ...awkwardNames,
  ...['*', 'a*', 'alice@example.com', 'auth0|1', 'io.github.acme/files', 'a/b', '/', '../..', 'mcpvault:*'],
]

const separators = [':', '/', '|', '.', ' ', '{', '}', '-', '_', '%', ',', ';', '#', '@', '*', '\\', "'", '"', '\u00a0']

export const nameCases = casesOf({
  about: 'names',
  cases: {
    async 'secrets whose names differ in any byte are different secrets'({ store }) {
      const records = awkwardNames.map((name) => labelled({ ref: sampleRef({ name }) }, name))
      await insertAll(store, records)
      await assertEachFound(store, records)
      const all = await store.secrets.findAll(sampleRef(), { limit: 1000 })
      assertSame(namesOf(all).sort(), [...awkwardNames].sort())
    },
    async 'owners that differ in any byte are different owners'({ store }) {
      const records = awkwardIds.map((owner) => labelled({ ref: sampleRef({ owner }) }, owner))
      await insertAll(store, records)
      await assertEachFound(store, records)
      await assertEachListed(store, awkwardIds, (owner) => ({ owner }))
    },
    async 'servers that differ in any byte are different servers'({ store }) {
      const records = awkwardIds.map((server) => labelled({ ref: sampleRef({ server }) }, server))
      await insertAll(store, records)
      await assertEachFound(store, records)
      await assertEachListed(store, awkwardIds, (server) => ({ server }))
    },
    async 'no separator makes two scopes meet'({ store }) {
      const records = separators.flatMap((mark) => [
        sampleSecret({ ref: { owner: `a${mark}b`, server: 'c', name: 'd' } }),
        sampleSecret({ ref: { owner: 'a', server: `b${mark}c`, name: 'd' } }),
        sampleSecret({ ref: { owner: `a${mark}b${mark}c`, server: 'd', name: 'd' } }),
        sampleSecret({ ref: { owner: 'a', server: `b${mark}c${mark}d`, name: 'd' } }),
      ])
      await insertAll(store, records)
      await assertEachFound(store, records)
      for (const { ref } of records) {
        assertSame(
          (await store.secrets.findAll(ref, { limit: 10 })).map((record) => record.ref),
          [ref],
        )
      }
    },
    async 'tags match byte for byte'({ store }) {
      await insertAll(
        store,
        awkwardIds.map((tag, at) => labelled({ ref: numbered(at), tags: [tag] }, tag)),
      )
      await assertEachListed(store, awkwardIds, (tag) => ({ tagsAny: [tag] }))
      await assertEachListed(store, awkwardIds, (tag) => ({ tagsAll: [tag] }))
    },
    async 'types match byte for byte'({ store }) {
      await insertAll(
        store,
        awkwardIds.map((type, at) => labelled({ ref: numbered(at), type }, type)),
      )
      await assertEachListed(store, awkwardIds, (type) => ({ type }))
    },
    async 'grantees match byte for byte'({ store }) {
      await insertAll(
        store,
        awkwardIds.map((principal, at) =>
          labelled({ ref: numbered(at), grants: [sampleGrant({ principal })] }, principal),
        ),
      )
      await assertEachListed(store, awkwardIds, (visibleTo) => ({ visibleTo }))
    },
    async 'text that the store does not read comes back as it was'({ store }) {
      const descriptions = [...awkwardIds, 'two\nlines', '\ttab\r\n', 'x'.repeat(5000)]
      const records = descriptions.map((description, at) => {
        const text = awkwardIds[at % awkwardIds.length] ?? description
        return sampleSecret({
          ref: numbered(at),
          description,
          versions: sampleSecret().versions.map((version) => ({ ...version, createdBy: text })),
          grants: [sampleGrant({ grantedBy: text, deploymentId: text })],
        })
      })
      await insertAll(store, records)
      for (const record of records) {
        assertSame(await store.secrets.find(record.ref, 'all'), seenWith(record, 'all'))
      }
    },
    async 'data keys of scopes that differ in any byte are apart'({ store }) {
      const rows = awkwardIds.flatMap((text) => [
        sampleDataKey({ label: `owner ${text}`, scope: sampleScope({ owner: text }) }),
        sampleDataKey({ label: `server ${text}`, scope: sampleScope({ server: text }) }),
      ])
      for (const row of rows) assertSame(await store.dataKeys.insert(row), row)
      for (const row of rows) assertSame(await store.dataKeys.active(row.scope), row)
      for (const owner of awkwardIds) {
        assertSame(
          (await store.dataKeys.list({ owner, limit: 10 })).map((row) => row.scope.owner),
          [owner],
        )
      }
    },
    async 'audit rows match byte for byte'({ store }) {
      const columns = ['principal', 'owner', 'server', 'name', 'correlationId'] as const
      const rows = awkwardIds.map((text, sequence) => {
        const all = Object.fromEntries(columns.map((column) => [column, text]))
        return sampleAuditRow({ sequence, columns: all })
      })
      assert.equal(await store.audit.append(rows), 'stored')
      for (const row of rows) {
        for (const column of columns) {
          assertSame(await store.audit.query({ [column]: row.columns[column] }, { limit: 10 }), [row])
        }
      }
    },
    async 'values that are written once and locks have names of their own'({ store }) {
      for (const [at, name] of awkwardIds.entries()) {
        assertSame(await store.meta.insertOnce(name, Uint8Array.of(at)), Uint8Array.of(at))
        assert.equal(await store.locks.acquire(name, `holder ${name}`, 60_000), true)
      }
      for (const [at, name] of awkwardIds.entries()) {
        assertSame(await store.meta.read(name), Uint8Array.of(at))
        assert.equal(await store.locks.renew(name, `holder ${name}`, 60_000), true)
      }
    },
  },
})

function numbered(at: number): StoredSecret['ref'] {
  return sampleRef({ name: `secret-${at}` })
}

function labelled(part: Partial<StoredSecret>, label: string): StoredSecret {
  return sampleSecret({ ...part, description: `for ${label}` })
}

async function assertEachFound(store: VaultStore, records: readonly StoredSecret[]): Promise<void> {
  for (const record of records) {
    assertSame(await store.secrets.find(record.ref, 'all'), seenWith(record, 'all'))
  }
}

async function assertEachListed(
  store: VaultStore,
  texts: readonly string[],
  queryFor: (text: string) => Omit<SecretQuery, 'limit'>,
): Promise<void> {
  for (const text of texts) {
    const found = await store.secrets.list({ ...queryFor(text), limit: 10 })
    assertSame(
      found.map((record) => record.description),
      [`for ${text}`],
      `only ${JSON.stringify(text)} must match`,
    )
  }
}
