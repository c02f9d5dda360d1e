// Secrets: one hash a scope. A read is one command, a write one script; the lists that cross scopes are written before.
import type { PutOptions, SecretQuery, SecretRef, SecretStore, StoredSecret } from '@mcpvault/core'
import { encodeSecretRecord, matchesSecretQuery, oneEnvelope, refuseFork } from '@mcpvault/core/adapter'
import { appendArguments, appendWith } from './append.ts'
import { bytesOf, type Engine, listOf, type Session, textOf } from './engine.ts'
import { findNamed, findSecret, readRecords } from './find-secrets.ts'
import { memberOf, sortableTime } from './keys.ts'
import { listsOfSecret, listsOfSecretQuery, readPage } from './lists.ts'
import { misread } from './replies.ts'
import { countersOf, memberOfSecret, type Place, placeOf, secretOf } from './rows.ts'
import { scripts } from './scripts.ts'

export function redisSecrets(engine: Engine): SecretStore {
  return {
    find: (ref, versions, options) => engine.call(options, (session) => findSecret(session, { ref, versions })),
    findAll(scope, { limit, ...options }) {
      return engine.call(options, async (session) => {
        const found = await findNamed(session, { scope, limit })
        return found.flatMap((each) => {
          const [name, envelope, ...fields] = listOf(each)
          const ref = { ...scope, name: textOf(name) ?? '' }
          const envelopeOf = oneEnvelope('current', bytesOf(envelope))
          return secretOf({ ref, fields, envelopeOf }) ?? []
        })
      })
    },
    put: (record, options) => engine.call(options, (session) => putRecord(session, { record, options })),
    remove: (ref, options) => engine.call(options, (session) => removeRecord(session, { ref, options })),
    list(query, options) {
      return engine.call(options, async (session) => {
        const page = await readPage<StoredSecret>(session, {
          keys: listsOfSecretQuery(query).map((list) => session.keys.list(list)),
          direction: 'descending',
          after: query.after && memberOf(sortableTime(query.after.createdAt), query.after.id),
          limit: query.limit,
          async resolve(members) {
            const wanted = members.map(placeOf)
            const refs = wanted.map(({ ref }) => ref)
            const records = await readRecords(session, refs)
            return records.map((record, index) =>
              record !== undefined && isAt(record, wanted[index]) && isWanted(record, query) ? record : undefined,
            )
          },
        })
        if (page.length === 0) await session.confirmAbsence()
        return page
      })
    },
    async touch(batch, options) {
      await engine.call(options, async ({ keys, run }) => {
        for (const { ref, id, lastUsedAt, uses } of batch) {
          const values = [ref.name, `\n${id}\n`, uses, lastUsedAt.getTime()]
          await run({ script: scripts.touch, keys: [keys.secrets(ref)], values })
        }
      })
    },
  }
}

/** A damaged record says nothing but whose it is, so it is in every list of its owner. */
function isWanted(record: StoredSecret, query: SecretQuery): boolean {
  if (record.isDamaged !== true) return matchesSecretQuery(record, query)
  const { owner, server } = record.ref
  return (
    [query.owner ?? owner, query.visibleTo ?? owner].every((each) => each === owner) &&
    owner !== query.notOwner &&
    server === (query.server ?? server)
  )
}

/** False when another secret has the name now. */
function isAt({ id, createdAt }: StoredSecret, place: Place | undefined): boolean {
  return id === place?.id && createdAt.getTime() === place.createdAt.getTime()
}

interface Put {
  readonly record: StoredSecret
  readonly options: PutOptions
}

async function putRecord(session: Session, { record, options }: Put): Promise<boolean> {
  const { keys, transactions } = session
  const { ref, revision, currentVersion, versions } = record
  const lists = listsOfSecret(record)
  const member = memberOfSecret(record)
  const listKeys = lists.map((list) => keys.list(list))
  if (!transactions) {
    // A list may name a record that is not there, and must never lack one that is.
    await session.run({ script: scripts.editLists, keys: listKeys, values: ['ZADD', member] })
  }
  const envelopes = versions.flatMap(({ version, envelope }) =>
    envelope === undefined ? [] : [version, Buffer.from(envelope)],
  )
  const inScript = transactions ? listKeys : []
  const names = [keys.secrets(ref), keys.names(ref), keys.outcome(ref, session.token()), ...inScript]
  const values = [
    ref.name,
    options.ifRevision,
    revision,
    Buffer.from(encodeSecretRecord(record)),
    countersOf(record),
    currentVersion,
    record.state === 'deleted' ? 0 : 1,
    `,${versions.map(({ version }) => version).join(',')},`,
    member,
    inScript.length,
    lists.join('\n'),
    envelopes.length / 2,
    ...envelopes,
  ]
  const outcome = await appendWith(session, {
    rows: options.audit ?? [],
    async run(rows) {
      const audit = appendArguments(keys, rows)
      const script = {
        script: scripts.putSecret,
        keys: [...names, ...audit.keys],
        values: [...values, ...audit.values],
      }
      return isDone(await session.run(script))
    },
  })
  return refuseFork(outcome)
}

interface Removal {
  readonly ref: SecretRef
  readonly options: PutOptions
}

async function removeRecord(session: Session, { ref, options }: Removal): Promise<boolean> {
  const { keys } = session
  const names = [keys.secrets(ref), keys.names(ref), keys.outcome(ref, session.token())]
  const outcome = await appendWith(session, {
    rows: options.audit ?? [],
    async run(rows) {
      const audit = appendArguments(keys, rows)
      const values = [ref.name, options.ifRevision, ...audit.values]
      const script = { script: scripts.removeSecret, keys: [...names, ...audit.keys], values }
      const [answer, lists, member] = listOf(await session.run(script))
      const named = textOf(lists)?.split('\n').filter(Boolean) ?? []
      if (named.length > 0 && Buffer.isBuffer(member)) {
        const edit = { script: scripts.editLists, keys: named.map((list) => keys.list(list)), values: ['ZREM', member] }
        // The secret is removed whether or not the lists are edited; a member that stays is ignored.
        await session.run(edit).catch(() => undefined)
      }
      return isDone(answer)
    },
  })
  return refuseFork(outcome)
}

/** What a script answers: 1 is done, 0 is another revision, -1 is a row that is stored already. */
function isDone(answer: unknown): boolean | undefined {
  if (answer === 1 || answer === 0) return answer === 1
  if (answer === -1) return undefined
  throw misread()
}
