// Bodies of events: canonical bytes, an allow-list, and a reader that takes nothing of a wrong type.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { eventColumns } from '../../src/audit/log/columns.ts'
import { encodeEvent, readEvent } from '../../src/audit/log/event.ts'
import { type AuditEvent, auditActions } from '../../src/contracts/index.ts'
import { vaultErrorCodes } from '../../src/errors/index.ts'
import { at, fullEvent, record, tenNames } from './events.ts'
import { event, streamId } from './support.ts'
import vectors from './vectors.json' with { type: 'json' }

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8')
}

describe('encodeEvent', () => {
  it('[T50] carries the ten common names, null where nothing is known', () => {
    const fields = JSON.parse(textOf(encodeEvent({ ...record, event: { ...event, name: undefined } as never })))
    expect(Object.keys(fields)).toEqual([...tenNames, 'stream', 'sequence', 'outcome', 'owner', 'server'])
    expect(fields).toMatchObject({ secret_name: null, source_ip: null, user_agent: null })
    expect(fields).toMatchObject({ encryption_key_version: null, correlation_id: null, success: true })
  })

  it('[T50] says success only of what was allowed', () => {
    const success = (outcome: AuditEvent['outcome']): unknown =>
      JSON.parse(textOf(encodeEvent({ ...record, event: { ...event, outcome } }))).success
    expect((['allowed', 'denied', 'missing', 'failed', 'intent'] as const).map(success)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('writes the frozen bodies', () => {
    for (const [sequence, row] of vectors.rows.entries()) {
      const frozen = { event: row.event as AuditEvent, at: new Date(row.at), stream: vectors.stream, sequence }
      expect(textOf(encodeEvent(frozen))).toBe(row.body)
      expect(readEvent(row.body)).toEqual(frozen)
    }
  })

  it('[A33] keeps out every field that is not on the list', () => {
    const smuggled = { ...event, value: 'canary-7f3a', error: new Error('canary-7f3a'), toJSON: () => 'canary-7f3a' }
    expect(textOf(encodeEvent({ ...record, event: smuggled }))).not.toContain('canary')
    expect(JSON.stringify(eventColumns({ event: smuggled, at }))).not.toContain('canary')
  })

  const wrongTypes: readonly [string, unknown][] = [
    ['principal', undefined],
    ['principal', 7],
    ['operation', null],
    ['action', 'secret.stolen'],
    ['action', { toString: () => 'secret.accessed' }],
    ['outcome', 'success'],
    ['errorCode', 'E_OTHER'],
    ['roles', 'admin'],
    ['roles', [7]],
    ['version', '3'],
    ['version', -1],
    ['version', 1.5],
    ['count', Number.NaN],
    ['durationMs', Number.POSITIVE_INFINITY],
    ['durationMs', -1],
    ['durationMs', '7'],
    ['keyAgeMs', 1.5],
    ['keyAgeMs', -1],
    ['hidden', false],
    ['hidden', 'true'],
    ...(['name', 'owner', 'server', 'secretId', 'grantee', 'keyId', 'envelopeDigest', 'sourceIp'] as const).map(
      (field): [string, unknown] => [field, Buffer.from('bytes')],
    ),
    ...(['userAgent', 'correlationId', 'deploymentId', 'reason'] as const).map((field): [string, unknown] => [
      field,
      { text: 'an object' },
    ]),
  ]
  it.each(wrongTypes)('refuses a wrong type in %s: %j', (field, value) => {
    const wrong = { ...event, [field]: value }
    expect(() => encodeEvent({ ...record, event: wrong })).toThrow(TypeError)
  })

  it.each([
    ['is not a string', { owner: 7 }],
    ['is not a whole number', { version: '3' }],
    ['is not a number of milliseconds', { durationMs: -1 }],
    ['is not true', { hidden: false }],
    ['is not one of its fixed names', { action: 'other' }],
  ])('says of a field that it %s, and never what it holds', (rule, part) => {
    const encode = () => encodeEvent({ ...record, event: { ...event, ...part } as never })
    expect(encode).toThrowError(expect.objectContaining({ message: expect.stringMatching(`event ${rule}\\.$`) }))
  })

  it.each([-1, 1.5, Number.NaN, '5'])('refuses the sequence %s', (sequence) => {
    expect(() => encodeEvent({ ...record, sequence: sequence as never })).toThrow(TypeError)
  })

  it('takes zero for every number', () => {
    const zeros = { ...event, version: 0, count: 0, durationMs: 0, keyAgeMs: 0 }
    expect(readEvent(textOf(encodeEvent({ ...record, event: zeros, sequence: 0 })))?.event).toEqual(zeros)
  })
})

describe('readEvent', () => {
  it('reads back what was written, for every event', () => {
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
    const text = fc.string({ unit: 'grapheme' })
    const texts = ['owner', 'server', 'name', 'secretId', 'grantee', 'keyId', 'envelopeDigest', 'sourceIp'] as const
    const moreTexts = ['userAgent', 'correlationId', 'deploymentId', 'reason'] as const
    const events = fc.record({
      action: fc.constantFrom(...auditActions),
      outcome: fc.constantFrom('allowed', 'denied', 'missing', 'failed', 'intent'),
      operation: text,
      principal: text,
      roles: optional(fc.array(text)),
      version: optional(fc.maxSafeNat()),
      count: optional(fc.maxSafeNat()),
      keyAgeMs: optional(fc.maxSafeNat()),
      hidden: optional(fc.constant(true as const)),
      durationMs: optional(fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0)),
      errorCode: optional(fc.constantFrom(...vaultErrorCodes)),
      ...Object.fromEntries([...texts, ...moreTexts].map((field) => [field, optional(text)])),
    })
    fc.assert(
      fc.property(events, fc.date({ noInvalidDate: true }), fc.maxSafeNat(), (drawn, time, sequence) => {
        const given = Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined))
        const written = { event: given as never as AuditEvent, at: time, stream: streamId(3), sequence }
        expect(readEvent(textOf(encodeEvent(written)))).toEqual(written)
      }),
    )
  })

  const fields = JSON.parse(textOf(encodeEvent({ ...record, event: fullEvent })))
  const textWith = (changed: object): string => JSON.stringify({ ...fields, ...changed })

  it.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['null', 'null'],
    ['an array', '[]'],
    ['an unknown action', textWith({ event_type: 'other' })],
    ['an unknown outcome', textWith({ outcome: 'other' })],
    ['no time', textWith({ timestamp: 'yesterday' })],
    ['a time that is no string', textWith({ timestamp: 7 })],
    ['a user that is no string', textWith({ user_id: 7 })],
    ['an operation that is no string', textWith({ operation: 7 })],
    ['a stream that is no string', textWith({ stream: 7 })],
    ['a negative sequence', textWith({ sequence: -1 })],
    ['a sequence that is no number', textWith({ sequence: '1' })],
  ])('refuses %s', (_, text) => {
    expect(readEvent(text)).toBeUndefined()
  })

  it.each([
    ['an unknown error code', { error_code: 'other' }, 'errorCode'],
    ['a negative version', { version: -1 }, 'version'],
    ['a name that is no string', { secret_name: 7 }, 'name'],
    ['a count that is no number', { count: '2' }, 'count'],
    ['a duration that is no number', { duration_ms: '7' }, 'durationMs'],
    ['roles that are no array', { roles: 'admin' }, 'roles'],
    ['roles that are no strings', { roles: [7] }, 'roles'],
  ] as const)('leaves out %s', (_, changed, field) => {
    const { [field]: _left, ...others } = fullEvent
    expect(readEvent(textWith(changed))?.event).toStrictEqual(others)
  })

  it('ignores fields of a later release', () => {
    expect(readEvent(textWith({ more: 1 }))?.event).toEqual(fullEvent)
  })
})
