// Secrets: one statement for each read, one transaction for each write.
import type { AuditRow, PutOptions, SecretRef, SecretStore, StoredSecret } from '@mcpvault/core'
import { allEnvelopes, encodeSecretRecord, oneEnvelope } from '@mcpvault/core/adapter'
import { appendOrThrow } from './audit.ts'
import type { Client } from './client.ts'
import type { Engine } from './engine.ts'
import { secretPage } from './pages.ts'
import { recordOf } from './rows.ts'
import { type StoredRow, sql } from './statements.ts'

export function sqliteSecrets({ read, write }: Engine): SecretStore {
  return {
    find(ref, versions, options) {
      return read((client) => {
        if (versions === 'all') return findAllVersions(client, ref)
        const { owner, server, name } = ref
        const row =
          versions === 'current'
            ? client.get(sql.findCurrent, owner, server, name)
            : client.get(sql.findVersion, versions, owner, server, name)
        if (row === undefined) return undefined
        const [envelope, ...record] = row
        return recordOf(record, { ref, envelopeOf: oneEnvelope(versions, envelope) })
      }, options)
    },
    findAll({ owner, server }, options) {
      return read((client) => {
        const rows = client.all(sql.findScope, owner, server, options.limit)
        return rows.map(([name, envelope, ...record]) =>
          recordOf(record, { ref: { owner, server, name }, envelopeOf: oneEnvelope('current', envelope) }),
        )
      }, options)
    },
    put(record, options) {
      return write({ run: (client) => putRecord(client, { record, put: options }) }, options)
    },
    remove(ref, options) {
      return write({ run: (client) => removeRecord(client, { ref, put: options }) }, options)
    },
    list(query, options) {
      return read((client) => {
        const { query: page, values } = secretPage(query)
        return client
          .all(page, ...values)
          .map(([owner, server, name, ...record]) => recordOf(record, { ref: { owner, server, name } }))
      }, options)
    },
    touch(batch, options) {
      const run = (client: Client): void => {
        for (const { ref, id, lastUsedAt, uses } of batch) {
          const atMs = lastUsedAt.getTime()
          client.run(sql.touch, uses, atMs, atMs, ref.owner, ref.server, ref.name, id)
        }
      }
      return write({ run }, options)
    },
  }
}

function findAllVersions(client: Client, ref: SecretRef): StoredSecret | undefined {
  const rows = client.all(sql.findAllVersions, ref.owner, ref.server, ref.name)
  const [first] = rows
  if (first === undefined) return undefined
  const [, , ...record] = first
  const envelopeOf = allEnvelopes(
    rows.flatMap(([version, envelope]) => (version === null ? [] : [[version, envelope]])),
  )
  return recordOf(record, { ref, envelopeOf })
}

function putRecord(client: Client, { record, put }: { record: StoredSecret; put: PutOptions }): boolean {
  const { owner, server, name } = record.ref
  const stored = client.get(sql.stored, owner, server, name)
  if ((stored?.[1] ?? 0) !== put.ifRevision) return false
  if (stored === undefined) {
    writeParts(client, { record, key: insertRecord(client, record) })
  } else {
    updateRecord(client, { record, stored })
    dropOldParts(client, { record, stored })
    writeParts(client, { record, key: stored[0] })
  }
  appendAudit(client, put.audit)
  return true
}

function insertRecord(client: Client, record: StoredSecret): number {
  const { owner, server, name } = record.ref
  const row = client.get(
    sql.insertSecret,
    owner,
    server,
    name,
    record.id,
    record.revision,
    record.currentVersion,
    record.state,
    record.type,
    record.tier,
    record.dekId,
    record.createdAt.getTime(),
    record.expiresAt?.getTime() ?? null,
    record.lastUsedAt?.getTime() ?? null,
    record.useCount,
    encodeSecretRecord(record),
  )
  if (row === undefined) throw new RangeError('SQLite gave the new row no key.')
  return row[0]
}

interface Update {
  readonly record: StoredSecret
  readonly stored: StoredRow
}

function updateRecord(client: Client, { record, stored }: Update): void {
  const [key, , ...storedColumns] = stored
  const { id, revision, currentVersion, state, type, tier, dekId, createdAt, expiresAt } = record
  const columns = [id, state, type, tier, dekId, createdAt.getTime(), expiresAt?.getTime() ?? null]
  const bytes = encodeSecretRecord(record)
  if (columns.every((value, index) => value === storedColumns[index])) {
    client.run(sql.updateRecord, revision, currentVersion, bytes, key)
  } else {
    client.run(sql.updateSecret, revision, currentVersion, bytes, ...columns, key)
  }
}

function dropOldParts(client: Client, { record, stored }: Update): void {
  const [key, , id, , , , , createdAtMs, , hasGrants, hasTags] = stored
  // The lists carry these two, so a record with others starts its lists again.
  const moved = createdAtMs !== record.createdAt.getTime() || id !== record.id
  client.run(sql.keepVersions, key, JSON.stringify(record.versions.map(({ version }) => version)))
  if (hasGrants === 1) client.run(sql.keepGrants, key, moved ? '[]' : principalsOf(record))
  if (hasTags === 1) client.run(sql.keepTags, key, moved ? '[]' : JSON.stringify(record.tags))
}

function writeParts(client: Client, { record, key }: { readonly record: StoredSecret; readonly key: number }): void {
  const createdAtMs = record.createdAt.getTime()
  for (const { version, envelope } of record.versions) {
    if (envelope !== undefined) client.run(sql.putVersion, key, version, envelope)
  }
  if (record.grants.length > 0) client.run(sql.addGrants, key, createdAtMs, record.id, principalsOf(record))
  if (record.tags.length > 0) {
    client.run(sql.addTags, key, record.ref.owner, createdAtMs, record.id, JSON.stringify(record.tags))
  }
}

function principalsOf({ grants }: StoredSecret): string {
  return JSON.stringify(grants.map(({ principal }) => principal))
}

function removeRecord(client: Client, { ref, put }: { ref: SecretRef; put: PutOptions }): boolean {
  const stored = client.get(sql.stored, ref.owner, ref.server, ref.name)
  if (stored === undefined || stored[1] !== put.ifRevision) return false
  const [key] = stored
  client.run(sql.keepVersions, key, '[]')
  client.run(sql.keepGrants, key, '[]')
  client.run(sql.keepTags, key, '[]')
  client.run(sql.deleteSecret, key)
  appendAudit(client, put.audit)
  return true
}

function appendAudit(client: Client, rows: readonly AuditRow[] | undefined): void {
  if (rows !== undefined) appendOrThrow(client, rows)
}
