// What the schemas of all routes share: names, times, pages, the shape of an answer and of an error.
import { z } from '@hono/zod-openapi'

/** 1 to 256 bytes of UTF-8 without control characters; the vault counts the bytes. */
export const nameText = z.string().min(1).max(256)

/** A server; a path cannot carry `.` and `..`, which every client takes out of an address. */
const pathPart = nameText.refine((text) => text !== '.' && text !== '..', 'must not be "." or "..".')

/** The name of a secret: no `/`, `*` or `@` beside that. */
export const secretName = pathPart.refine((text) => !/[/*@]/.test(text), 'must have no "/", "*" or "@".')

/** An instant, ISO 8601 with its offset, such as `2026-01-31T12:00:00Z`. */
export const instant = z.iso.datetime({ offset: true })

export const tierNumber = z.union([z.literal(1), z.literal(2), z.literal(3)])
export const permission = z.enum(['read', 'write', 'admin'])
export const versionNumber = z.int().min(1)
export const counter = z.int().min(0)

/** Of a query: it may be repeated, and once is a list of one. */
export function listOf<T extends z.ZodType>(entry: T) {
  return z.preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(entry).min(1).max(64))
}

/** Of a query: `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

export const cursor = z.string().min(1).max(2_048)
export const pageLimit = z.coerce.number<string>().int().min(1).max(1_000)

/** Where a secret is: its server and name in the path, its owner in the query when that is somebody else. */
export const secretPath = z.strictObject({
  server: pathPart.openapi({ param: { name: 'server', in: 'path' }, example: 'github' }),
  name: secretName.openapi({ param: { name: 'name', in: 'path' }, example: 'token' }),
})
export const ownerQuery = z.strictObject({
  owner: nameText.optional().openapi({ description: 'Whose secret it is. Default: of the caller.' }),
})
export const optionalOwner = ownerQuery.shape.owner
export const serverName = pathPart

/** Of a call that takes no query: what stands there was meant for another. */
export const noQuery = z.strictObject({})

/** What a conditional write was decided by: both may also come as `If-Match` and `If-None-Match` headers. */
export const guard = {
  ifVersion: counter.optional().openapi({ description: 'The version that must be current; 0: there is none yet.' }),
  ifRevision: counter.optional().openapi({ description: 'The revision that must be stored; 0: there is none yet.' }),
}

/** The body of every success. */
export function answer<T extends z.ZodType>(data: T) {
  return z.strictObject({ success: z.literal(true), data })
}

/** The body of every failure. */
export const failure = z
  .strictObject({
    success: z.literal(false),
    error: z.strictObject({
      code: z.string().openapi({ description: 'A code of the vault, or one of HTTP_*.', example: 'HTTP_NOT_FOUND' }),
      message: z.string(),
      field: z.string().optional().openapi({ description: 'The field that the error is about.' }),
      correlationId: z.string().openapi({ description: 'The id that the audit trail has for this call.' }),
    }),
  })
  .openapi('Failure')

export type FailureBody = z.infer<typeof failure>
