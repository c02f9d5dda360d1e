// Audit rows as documents and back, and the conditions by which they are found.
import type { AuditColumns, AuditCursor, AuditFilter, AuditPlace, AuditRow } from '@mcpvault/core'
import type { Fields } from './client.ts'
import { bytesOf, fieldsOf } from './engine.ts'

export function documentOf({ stream, sequence, mac, body, redaction, columns }: AuditRow): Fields {
  const { at, action, outcome, principal, owner, server, name, secretId, correlationId } = columns
  const optional = { owner, server, name, secretId, correlationId, redaction: redaction && Buffer.from(redaction) }
  const present = Object.entries(optional).filter(([, value]) => value !== undefined)
  const always = { stream, sequence, mac: Buffer.from(mac), body: Buffer.from(body), at, action, outcome, principal }
  return { ...always, ...Object.fromEntries(present) }
}

export function rowOf(document: unknown): AuditRow {
  const { stream, sequence, mac, body, redaction, ...columns } = fieldsOf(document) ?? {}
  const row = {
    // Values of other types are not made to fit: such a document is no row that a vault wrote.
    stream: typeof stream === 'string' ? stream : '',
    sequence: typeof sequence === 'number' ? sequence : Number.NaN,
    mac: bytesOf(mac) ?? new Uint8Array(),
    body: bytesOf(body) ?? new Uint8Array(),
    // The remaining fields are the columns, under their own names.
    columns: { ...columns, at: dateOf(columns['at']) } as unknown as AuditColumns,
  }
  const replaced = bytesOf(redaction)
  return replaced === undefined ? row : { ...row, redaction: replaced }
}

// To MongoDB an array is of the type of each of its elements too.
const aText = { $type: 'string', $not: { $type: 'array' } }
const aNumber = { $type: 'number', $not: { $type: 'array' } }

/** What every row of a vault is, and what none is. */
export const inPlace = Object.freeze({ stream: aText, sequence: aNumber })
export const inNoPlace = Object.freeze({ $nor: [inPlace] })

/** The rows at a place and after it. */
export function notBefore({ stream, sequence }: AuditPlace): Fields {
  return {
    $and: [inPlace, { $or: [{ stream: { $gt: stream } }, { stream: { $eq: stream }, sequence: { $gte: sequence } }] }],
  }
}

export function pageFilter(filter: AuditFilter, after: AuditCursor | undefined): Fields {
  const { actions, outcomes, from, to, ...equal } = filter
  // A row in no place that a vault could give it has no cursor: it is left to verification.
  const sequence = { ...aNumber, $gte: 0, $lte: Number.MAX_SAFE_INTEGER }
  const wanted: Fields[] = [{ at: { $type: 'date' }, stream: aText, sequence }]
  for (const [name, value] of Object.entries(equal)) if (value !== undefined) wanted.push({ [name]: { $eq: value } })
  if (actions !== undefined) wanted.push({ action: { $in: [...actions] } })
  if (outcomes !== undefined) wanted.push({ outcome: { $in: [...outcomes] } })
  if (from !== undefined) wanted.push({ at: { $gte: from } })
  if (to !== undefined) wanted.push({ at: { $lt: to } })
  if (after !== undefined) {
    const { at, stream } = after
    wanted.push({
      $or: [
        { at: { $lt: at } },
        { at: { $eq: at }, stream: { $lt: stream } },
        { at: { $eq: at }, stream: { $eq: stream }, sequence: { $lt: after.sequence } },
      ],
    })
  }
  return { $and: wanted }
}

export function dateOf(value: unknown): Date {
  return value instanceof Date ? value : new Date(Number.NaN)
}
