// Finds secrets, and knows one that was never there from one that was evicted.
import { type Scope, type SecretRef, type StoredSecret, VaultError, type VersionSelection } from '@mcpvault/core'
import { allEnvelopes, oneEnvelope } from '@mcpvault/core/adapter'
import { bytesOf, listOf, type Session, textOf } from './engine.ts'
import { recordFields, secretOf } from './rows.ts'
import { scripts } from './scripts.ts'

export interface FindSecret {
  readonly ref: SecretRef
  readonly versions: VersionSelection
}

/** The secret with the versions that are asked for. */
export async function findSecret(session: Session, { ref, versions }: FindSecret): Promise<StoredSecret | undefined> {
  const found = versions === 'all' ? await findWithAll(session, ref) : await findOne(session, { ref, versions })
  if (found === undefined) await requireAbsence(session, [ref])
  return found
}

interface FindOne extends FindSecret {
  readonly versions: Exclude<VersionSelection, 'all'>
}

async function findOne({ keys, command }: Session, { ref, versions }: FindOne): Promise<StoredSecret | undefined> {
  const field = versions === 'current' ? `c${ref.name}` : `e${ref.name}\n${versions}`
  const reply = listOf(await command('HMGET', keys.secrets(ref), ...recordFields(ref.name), field))
  return secretOf({ ref, fields: reply, envelopeOf: oneEnvelope(versions, bytesOf(reply.at(-1))) })
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

export interface FindNamed {
  readonly scope: Scope
  readonly limit: number
}

/** Name, current envelope, and what came for each of `recordFields`, of each secret of a scope that is not deleted. */
export async function findNamed(
  { keys, run, durability, confirmAbsence }: Session,
  { scope, limit }: FindNamed,
): Promise<readonly unknown[]> {
  const values = [limit, durability === 'strict' ? 1 : 0]
  const found = await run({ script: scripts.findScope, keys: [keys.secrets(scope), keys.names(scope)], values })
  if (found === 0) throw lost()
  const secrets = listOf(found)
  if (secrets.length === 0) await confirmAbsence()
  return secrets
}

const fieldsOfRecord = recordFields('').length

/** Records of many scopes in the order of `wanted`, one command for each scope. */
export async function readRecords(
  session: Session,
  wanted: readonly SecretRef[],
): Promise<readonly (StoredSecret | undefined)[]> {
  const { keys, command } = session
  const scopes = new Map<string, { readonly index: number; readonly ref: SecretRef }[]>()
  for (const [index, ref] of wanted.entries()) {
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
  // A list may name what was never written or was removed.
  await requireAbsence(
    session,
    wanted.filter((_, index) => records[index] === undefined),
  )
  return records
}

/** Throws for a secret that its scope lists and no longer has: with the key of its record, a scope loses the secret. */
async function requireAbsence(session: Session, refs: readonly SecretRef[]): Promise<void> {
  const { keys, run, durability, confirmAbsence } = session
  if (durability === 'best-effort' || refs.length === 0) return
  const isLost = async (ref: SecretRef): Promise<boolean> =>
    (await run({ script: scripts.isLost, keys: [keys.secrets(ref), keys.names(ref)], values: [ref.name] })) === 1
  const [found] = await Promise.all([Promise.all(refs.map(isLost)), confirmAbsence()])
  if (found.includes(true)) throw lost()
}

function lost(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', {
    detail: 'Redis lists a secret that it no longer has: a key was evicted or deleted. Restore its backup.',
    retryable: false,
  })
}
