// Secrets: one hash a scope. A read is one command, a write one script; the lists that cross scopes are written before.
import type { PutOptions, SecretQuery, SecretRef, SecretStore, StoredSecret } from '@mcpvault/core'
import { allEnvelopes, encodeSecretRecord, matchesSecretQuery, oneEnvelope, refuseFork } from '@mcpvault/core/adapter'
import { appendArguments, appendWith } from './append.ts'
import { bytesOf, type Engine, listOf, type Session, textOf } from './engine.ts'
import { memberOf, sortableTime } from './keys.ts'
import { listsOfSecret, listsOfSecretQuery, readPage } from './lists.ts'
import { countersOf, memberOfSecret, type Place, placeOf, recordFields, secretOf } from './rows.ts'
import { scripts } from './scripts.ts'

export function redisSecrets(engine: Engine): SecretStore {
  return {
    find(ref, versions, options) {
      return engine.call(options, async (session) => {
        const { keys, command } = session
        if (versions === 'all') return await findWithAll(session, ref)
        const field = versions === 'current' ? `c${ref.name}` : `e${ref.name}\n${versions}`
        const reply = listOf(await command('HMGET', keys.secrets(ref), ...recordFields(ref.name), field))
        return secretOf({ ref, fields: reply, envelopeOf: oneEnvelope(versions, bytesOf(reply.at(-1))) })
      })
    },
    findAll(scope, { limit, ...options }) {
      return engine.call(options, async ({ keys, run }) => {
        const names = [keys.secrets(scope), keys.names(scope)]
        const found = listOf(await run({ script: scripts.findScope, keys: names, values: [limit] }))
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
      return engine.call(options, (session) =>
        readPage<StoredSecret>(session, {
          keys: listsOfSecretQuery(query).map((list) => session.keys.list(list)),
          direction: 'descending',
          after: query.after && memberOf(sortableTime(query.after.createdAt), query.after.id),
          limit: query.limit,
          async resolve(members) {
            const wanted = members.map(placeOf)
            const records = await readRecords(session, wanted)
            return records.map((record, index) =>
              record !== undefined && isAt(record, wanted[index]) && isWanted(record, query) ? record : undefined,
            )
          },
        }),
      )
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

async function findWithAll({ keys, run }: Session, ref: SecretRef): Promise<StoredSecret | undefined> {
  const reply = await run({ script: scripts.findVersions, keys: [keys.secrets(ref)], values: [ref.name] })
  const [record, revision, member, uses, ...pairs] = listOf(reply)
  const envelopes = new Map<number, Buffer | undefined>()
  for (let index = 0; index < pairs.length; index += 2) {
    envelopes.set(Number(textOf(pairs[index])), bytesOf(pairs[index + 1]))
  }
  return secretOf({ ref, fields: [record, revision, member, uses], envelopeOf: allEnvelopes(envelopes) })
}

/** A damaged record says nothing but whose it is, so it is in every list of its owner. */
function isWanted(record: StoredSecret, query: SecretQuery): boolean {
  if (record.isDamaged !== true) return matchesSecretQuery(record, query)
  const { owner, server } = record.ref
  return (
    [query.owner ?? owner, query.visibleTo ?? owner].every((each) => each === owner) &&
    server === (query.server ?? server)
  )
}

/** False when another secret has the name now. */
function isAt({ id, createdAt }: StoredSecret, place: Place | undefined): boolean {
  return id === place?.id && createdAt.getTime() === place.createdAt.getTime()
}

const fieldsOfRecord = recordFields('').length

/** Records of many scopes in the order of `wanted`, one command for each scope. */
async function readRecords(
  { keys, command }: Session,
  wanted: readonly Place[],
): Promise<readonly (StoredSecret | undefined)[]> {
  const scopes = new Map<string, { readonly index: number; readonly ref: SecretRef }[]>()
  for (const [index, { ref }] of wanted.entries()) {
    const hash = keys.secrets(ref)
    const others = scopes.get(hash)
    if (others === undefined) scopes.set(hash, [{ index, ref }])
    else others.push({ index, ref })
  }
  const records: (StoredSecret | undefined)[] = wanted.map(() => undefined)
  await Promise.all(
    [...scopes].map(async ([hash, each]) => {
      const reply = listOf(await command('HMGET', hash, ...each.flatMap(({ ref }) => recordFields(ref.name))))
      for (const [place, { index, ref }] of each.entries()) {
        const at = place * fieldsOfRecord
        records[index] = secretOf({ ref, fields: reply.slice(at, at + fieldsOfRecord) })
      }
    }),
  )
  return records
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
  return answer === -1 ? undefined : answer === 1
}
