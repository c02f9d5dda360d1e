// Queries and answers about the audit trail: pages of events, and the report of a verification.
import { z } from '@hono/zod-openapi'
import { auditActions } from '@mcpvault/core'
import { counter, cursor, instant, listOf, nameText, optionalOwner, pageLimit } from './common.ts'

const outcomes = ['allowed', 'denied', 'missing', 'failed', 'intent'] as const

const filter = {
  principal: nameText.optional(),
  owner: optionalOwner.openapi({ description: 'Events on the secrets of this owner.' }),
  server: nameText.optional(),
  name: nameText.optional(),
  secretId: nameText.optional(),
  correlationId: nameText.optional(),
  action: listOf(z.enum(auditActions)).optional().openapi({ description: 'May be repeated: any of them.' }),
  outcome: listOf(z.enum(outcomes)).optional().openapi({ description: 'May be repeated: any of them.' }),
  from: instant.optional(),
  to: instant.optional(),
}

export const auditExportQuery = z.strictObject(filter)
export const auditQuery = z.strictObject({ ...filter, cursor: cursor.optional(), limit: pageLimit.optional() })

/** An event as the trail has it, with its place there. */
export const auditItem = z
  .strictObject({
    at: instant,
    stream: z.string(),
    sequence: counter,
    action: z.enum(auditActions),
    outcome: z.enum(outcomes),
    operation: z.string(),
    principal: z.string(),
    roles: z.array(z.string()).optional(),
    owner: z.string().optional(),
    server: z.string().optional(),
    name: z.string().optional(),
    secretId: z.string().optional(),
    version: counter.optional(),
    grantee: z.string().optional(),
    count: counter.optional(),
    errorCode: z.string().optional(),
    keyId: z.string().optional(),
    envelopeDigest: z.string().optional(),
    sourceIp: z.string().optional(),
    userAgent: z.string().optional(),
    correlationId: z.string().optional(),
    deploymentId: z.string().optional(),
    reason: z.string().optional(),
    durationMs: z.number().min(0).optional(),
    hidden: z.literal(true).optional(),
  })
  .openapi('AuditItem')

/** A row that no vault wrote as it is; its content is not shown. */
export const untrustedItem = z
  .strictObject({ at: instant.nullable(), stream: z.string(), sequence: z.number() })
  .openapi('UntrustedAuditItem')

export const auditPage = z
  .strictObject({ items: z.array(auditItem), untrusted: z.array(untrustedItem), cursor: z.string().nullable() })
  .openapi('AuditPage')

const checkpoint = z.strictObject({
  id: z.string().min(1).max(128),
  createdAt: instant,
  note: z.string().min(1).max(1_000_000),
})

export const verifyBody = z.strictObject({
  checkpoints: z
    .array(checkpoint)
    .max(1_000)
    .optional()
    .openapi({ description: 'Checkpoints kept elsewhere: with them a rollback of the whole database is found.' }),
})

const auditProblem = z.strictObject({
  problem: z.string(),
  stream: z.string().optional(),
  sequence: z.number().optional(),
  seenBy: z.string().optional(),
  checkpoint: z.string().optional(),
})

export const auditReport = z
  .strictObject({
    ok: z.boolean(),
    streams: counter,
    events: counter,
    redacted: counter,
    checkpoints: counter,
    unclosed: counter,
    unseen: z.array(z.string()),
    unseenCount: counter,
    problems: z.array(auditProblem),
    problemCount: counter,
  })
  .openapi('AuditReport')
