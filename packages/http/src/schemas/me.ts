// Answers about the caller and about the vault's health.
import { z } from '@hono/zod-openapi'
import { counter } from './common.ts'

export const me = z
  .strictObject({
    id: z.string(),
    roles: z.array(z.string()),
    may: z.strictObject({
      audit: z.boolean().openapi({ description: 'Read and verify the whole audit trail.' }),
      operate: z.boolean().openapi({ description: 'See the health of the vault part by part.' }),
    }),
    limits: z.strictObject({
      bodyBytes: counter.openapi({ description: 'Bytes of a request body.' }),
      revealsPerMinute: counter,
    }),
  })
  .openapi('Me')

const healthPart = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), code: z.string(), remedy: z.string() }),
])

/** Without a sign-in, and without a role that allows it, only `ok` is there. */
export const health = z
  .strictObject({
    ok: z.boolean(),
    key: healthPart.optional(),
    store: healthPart.optional(),
    schema: healthPart.optional(),
    trail: healthPart.optional(),
  })
  .openapi('Health')
