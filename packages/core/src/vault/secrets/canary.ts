// Looks for the values of a scope's canaries in a text, such as the arguments of a tool.
import { utf8Text } from '../../bytes/index.ts'
import type { Scope, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { audited, type Call, type Caller, type EventFacts } from '../operation.ts'
import { admitRecord } from '../record/admit.ts'
import { isCanary, tripped } from '../record/canary.ts'
import type { Asked } from '../record/load.ts'
import { openVersion } from '../record/open-version.ts'
import { noneOf } from './read.ts'

interface CanarySearch {
  readonly scope: Scope
  readonly text: string
  readonly signal: AbortSignal | undefined
}

/** The names of the canaries whose current value stands in the text, each with an event and an alarm. */
export function findCanaries(caller: Caller, { scope, text, signal }: CanarySearch): Promise<readonly string[]> {
  const request = { operation: 'findCanaries', action: 'secret.listed', ref: scope, signal } as const
  return audited(caller, request, async (call) => {
    const { store, config, seen } = call.runtime
    const limit = config.limits.getAll
    const since = seen.now()
    const records = await store.secrets.findAll(scope, { ...call.serving, limit: limit + 1 })
    const names: string[] = []
    const events: EventFacts[] = []
    let maySee = call.principal.id === scope.owner
    for (const record of records.slice(0, limit)) {
      if (!hasMark(record)) continue
      const { name } = record.ref
      const looked = await lookAt(call, record, { text, asked: { ref: { ...scope, name }, since } })
      if (looked === undefined) continue
      maySee = true
      if (looked === 'clean') continue
      names.push(name)
      events.push({ ...tripped(call, { ...record, ref: { ...scope, name } }, looked), name })
    }
    // Only a principal that may see something here learns that there is too much.
    if (records.length > limit && maySee) throw new VaultError('VAULT_NOT_SUPPORTED', { detail: tooMany })
    const none = maySee ? ({ count: 0 } as const) : noneOf(records.length)
    return { result: Object.freeze(names), event: events.length > 0 ? events : none }
  })
}

const tooMany = 'The scope has more secrets than limits.getAll allows.'

/** Asked of a record before its seal is checked, so that its map may be damaged. */
function hasMark(record: StoredSecret): boolean {
  try {
    return isCanary(record)
  } catch {
    return false
  }
}

/**
 * The facts of the event when the value of the canary stands in the text. Undefined for a principal that may not give it
 * away, and so must not learn that it is one.
 */
async function lookAt(
  call: Call,
  record: StoredSecret,
  { text, asked }: { readonly text: string; readonly asked: Asked },
): Promise<EventFacts | 'clean' | undefined> {
  const admission = await admitRecord(call, record, { ...asked, operation: 'grants' })
  if (admission.kind !== 'granted') return undefined
  const opened = await openVersion(call, admission, record.currentVersion)
  if (opened === undefined) return 'clean'
  const { value, facts } = opened
  try {
    const isThere = await value.use((bytes) => {
      const plain = utf8Text(bytes)
      return plain !== undefined && plain !== '' && text.includes(plain)
    })
    return isThere ? { ...admission.facts, version: record.currentVersion, ...facts } : 'clean'
  } finally {
    value.dispose()
  }
}
