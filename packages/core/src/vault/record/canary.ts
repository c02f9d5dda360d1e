// Canaries: secrets that nobody uses, so that anyone who reads one is noticed.
import { includesLevel } from '../../access/index.ts'
import type { SecretInfo, StoredSecret } from '../../contracts/index.ts'
import { decodeManaged, encodeManaged } from '../../envelope/index.ts'
import { callSafely } from '../../time/index.ts'
import type { Call, EventFacts } from '../operation.ts'
import type { Granted } from './admit.ts'
import { infoOf } from './describe.ts'

/** The name in the managed map, which the record seal covers. Its value is the byte 01. */
const canaryName = 'canary'
const mark = Buffer.of(1)

type Managed = Pick<StoredSecret, 'managed'>

/** Whether a record is marked. Nearly every record has an empty map, which makes this free for them. */
export function isCanary({ managed }: Managed): boolean {
  return managed.length > 0 && decodeManaged(managed).has(canaryName)
}

/** The managed map with the mark. */
export function markedAsCanary({ managed }: Managed): Buffer {
  return encodeManaged(new Map([...decodeManaged(managed), [canaryName, mark]]))
}

/** The managed map without the mark: a name that begins again is no canary. */
export function unmarked({ managed }: Managed): Uint8Array {
  if (!isCanary({ managed })) return managed
  return encodeManaged(new Map([...decodeManaged(managed)].filter(([name]) => name !== canaryName)))
}

/** The description of a secret for a principal of this level: only who may give it away learns that it is a canary. */
export function infoFor({ record, level }: Pick<Granted, 'record' | 'level'>, now: Date): SecretInfo {
  const info = infoOf(record, now)
  return includesLevel(level, 'admin') && isCanary(record) ? Object.freeze({ ...info, isCanary: true }) : info
}

/** What a value of the record that was opened leaves in the trail: with one of a canary goes the alarm. */
export function openedEvents<F extends EventFacts>(
  call: Call,
  record: StoredSecret,
  facts: F,
): F | readonly EventFacts[] {
  return isCanary(record) ? [facts, tripped(call, record, facts)] : facts
}

/** Calls `onCanary`, and returns the facts of the event. */
export function tripped(call: Call, { id, ref }: Pick<StoredSecret, 'id' | 'ref'>, facts: EventFacts): EventFacts {
  const { operation, principal, context, runtime } = call
  const { clock, onCanary } = runtime.config
  const alarm = Object.freeze({ ref, secretId: id, principal: principal.id, operation, context, at: clock.now() })
  callSafely(() => onCanary?.(alarm))
  return { ...facts, action: 'access.canary' }
}
