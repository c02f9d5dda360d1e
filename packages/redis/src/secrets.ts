// Secrets: one hash a scope. A read is one command, a write one script; the lists that cross scopes are told before.
import {
  type AuditRow,
  type PutOptions,
  type SecretRef,
  type SecretStore,
  type StoredSecret,
  VaultError,
} from '@mcpvault/core'
import { encodeSecretRecord } from '@mcpvault/core/adapter'
import { auditArguments } from './audit-rows.ts'
import { bytesOf, type Engine, listOf, type Session } from './engine.ts'
import { landingWith, type Working } from './landing.ts'
import { walk } from './lists.ts'
import { memberOf, sortableTime } from './members.ts'
import { fieldsOf, type RecordFields, recordOf } from './record-fields.ts'
import { scripts } from './scripts.ts'
import { listNamesOf, listsFor, placeOf, satisfies } from './secret-lists.ts'

export function redisSecrets(engine: Engine): SecretStore {
  const { keys } = engine

  return {
    find(ref, versions, options) {
      return engine.call(options, async (session) => {
        const hash = keys.secrets(ref)
        if (versions === 'current') {
          const reply = await session.command('HMGET', hash, ...fieldsOf(ref.name), `c${ref.name}`)
          const [record, counters, envelope] = listOf(reply)
          return recordOf(
            { record, counters },
            { ref, envelopeOf: (version, current) => (version === current ? bytesOf(envelope) : undefined) },
          )
        }
        if (versions === 'all') return await findWithAll(session, { ref, hash })
        const reply = await session.command('HMGET', hash, ...fieldsOf(ref.name), `e${ref.name}\n${versions}`)
        const [record, counters, envelope] = listOf(reply)
        return recordOf(
          { record, counters },
          { ref, envelopeOf: (version) => (version === versions ? bytesOf(envelope) : undefined) },
        )
      })
    },
    findAll(scope, { limit, ...options }) {
      return engine.call(options, async (session) => {
        const names = [keys.secrets(scope), keys.names(scope)]
        const found = listOf(await session.run({ script: scripts.findScope, keys: names, values: [limit] }))
        return found.flatMap((each) => {
          const [name, record, counters, envelope] = listOf(each)
          const ref = { ...scope, name: bytesOf(name)?.toString('utf8') ?? '' }
          const fields = { record, counters }
          return (
            recordOf(fields, {
              ref,
              envelopeOf: (version, current) => (version === current ? bytesOf(envelope) : undefined),
            }) ?? []
          )
        })
      })
    },
    put(record, options) {
      return engine.call(options, (session) => putRecord({ engine, session }, { record, options }))
    },
    remove(ref, options) {
      return engine.call(options, (session) => removeRecord({ engine, session }, { ref, options }))
    },
    list(query, options) {
      return engine.call(options, (session) =>
        walk<StoredSecret>(session, {
          keys: listsFor(query).map((name) => keys.list(name)),
          direction: 'descending',
          beyond: query.after && memberOf(sortableTime(query.after.createdAt), query.after.id),
          limit: query.limit,
          async resolve(members) {
            const places = members.map(placeOf)
            const records = await readAll(
              { engine, session },
              places.map(({ ref }) => ref),
            )
            return records.map((record, index) => {
              const place = places[index]
              const isThere = record?.id === place?.id && record?.createdAt.getTime() === place?.createdAt.getTime()
              return record !== undefined && isThere && satisfies(record, query) ? record : undefined
            })
          },
        }),
      )
    },
    async touch(batch, options) {
      await engine.call(options, async (session) => {
        for (const { ref, id, lastUsedAt, uses } of batch) {
          const values = [ref.name, `\n${id}\n`, uses, lastUsedAt.getTime()]
          await session.run({ script: scripts.touch, keys: [keys.secrets(ref)], values })
        }
      })
    },
  }
}

async function findWithAll(
  session: Session,
  { ref, hash }: { readonly ref: SecretRef; readonly hash: string },
): Promise<StoredSecret | undefined> {
  const reply = listOf(await session.run({ script: scripts.findVersions, keys: [hash], values: [ref.name] }))
  const [record, counters, ...pairs] = reply
  const envelopes = new Map<number, unknown>()
  for (let index = 0; index < pairs.length; index += 2) {
    envelopes.set(Number(bytesOf(pairs[index])?.toString('latin1')), pairs[index + 1])
  }
  return recordOf({ record, counters }, { ref, envelopeOf: (version) => bytesOf(envelopes.get(version)) })
}

/** Records of many scopes, one command for each scope. */
async function readAll(
  { engine, session }: Working,
  refs: readonly SecretRef[],
): Promise<(StoredSecret | undefined)[]> {
  const scopes = new Map<string, { readonly place: number; readonly ref: SecretRef }[]>()
  for (const [place, ref] of refs.entries()) {
    const hash = engine.keys.secrets(ref)
    const there = scopes.get(hash)
    if (there === undefined) scopes.set(hash, [{ place, ref }])
    else there.push({ place, ref })
  }
  const records: (StoredSecret | undefined)[] = []
  await Promise.all(
    [...scopes].map(async ([hash, wanted]) => {
      const fields = wanted.flatMap(({ ref }) => fieldsOf(ref.name))
      const reply = listOf(await session.command('HMGET', hash, ...fields))
      for (const [index, { place, ref }] of wanted.entries()) {
        const found: RecordFields = { record: reply[2 * index], counters: reply[2 * index + 1] }
        records[place] = recordOf(found, { ref })
      }
    }),
  )
  return refs.map((_, place) => records[place])
}

interface Put {
  readonly record: StoredSecret
  readonly options: PutOptions
}

async function putRecord({ engine, session }: Working, { record, options }: Put): Promise<boolean> {
  const { keys, transactions } = engine
  const { ref, revision, currentVersion, createdAt, id, versions } = record
  const lists = listNamesOf(record)
  const member = memberOf(sortableTime(createdAt), id, ref.owner, ref.server, ref.name)
  const listKeys = lists.map((name) => keys.list(name))
  if (!transactions) {
    // A list may name a record that is not there, and must never lack one that is.
    await session.run({ script: scripts.editLists, keys: listKeys, values: ['ZADD', member] })
  }
  const envelopes = versions.flatMap(({ version, envelope }) =>
    envelope === undefined ? [] : [version, Buffer.from(envelope)],
  )
  const inScript = transactions ? listKeys : []
  const names = [keys.secrets(ref), keys.names(ref), keys.outcome(ref, engine.token()), ...inScript]
  const values = [
    ref.name,
    options.ifRevision,
    revision,
    Buffer.from(encodeSecretRecord(record)),
    `${record.useCount} ${record.lastUsedAt?.getTime() ?? ''}`,
    currentVersion,
    record.state === 'deleted' ? 0 : 1,
    `,${versions.map(({ version }) => version).join(',')},`,
    member,
    inScript.length,
    lists.join('\n'),
    envelopes.length / 2,
    ...envelopes,
  ]
  return landed({ engine, session }, options, async (rows) => {
    const audit = auditArguments(keys, rows)
    const run = { script: scripts.putSecret, keys: [...names, ...audit.keys], values: [...values, ...audit.values] }
    const outcome = await session.run(run)
    return outcome === -1 ? undefined : outcome === 1
  })
}

interface Removal {
  readonly ref: SecretRef
  readonly options: PutOptions
}

async function removeRecord({ engine, session }: Working, { ref, options }: Removal): Promise<boolean> {
  const { keys } = engine
  const names = [keys.secrets(ref), keys.names(ref), keys.outcome(ref, engine.token())]
  const values = [ref.name, options.ifRevision]
  return landed({ engine, session }, options, async (rows) => {
    const audit = auditArguments(keys, rows)
    const run = { script: scripts.removeSecret, keys: [...names, ...audit.keys], values: [...values, ...audit.values] }
    const [outcome, lists, member] = listOf(await session.run(run))
    if (outcome === -1) return undefined
    const named = bytesOf(lists)?.toString('utf8').split('\n').filter(Boolean) ?? []
    if (named.length > 0 && Buffer.isBuffer(member)) {
      const listKeys = named.map((name) => keys.list(name))
      // The secret is gone whether or not the lists know; a member that stays stands for nothing.
      await session.run({ script: scripts.editLists, keys: listKeys, values: ['ZREM', member] }).catch(() => undefined)
    }
    return outcome === 1
  })
}

/** Whether a write took place; rows that fork their stream are a mistake of who made them. */
async function landed(
  working: Working,
  { audit: rows = [] }: PutOptions,
  run: (rows: readonly AuditRow[]) => Promise<boolean | undefined>,
): Promise<boolean> {
  const outcome = await landingWith(working, { rows, run })
  if (outcome !== undefined) return outcome
  throw new VaultError('VAULT_STORE_FAILED', { detail: 'The audit rows fork their stream.', retryable: false })
}
