// Bodies, queries and answers about secrets: never a value, but in the body of a write and the answer of reveal.
import { z } from '@hono/zod-openapi'
import {
  counter,
  cursor,
  flag,
  guard,
  instant,
  listOf,
  nameText,
  optionalOwner,
  pageLimit,
  serverName,
  tierNumber,
  versionNumber,
} from './common.ts'

const encoding = z.enum(['text', 'bytes', 'fields'])
const states = ['active', 'inactive', 'deleted', 'expired'] as const

/** A secret without its value. */
export const secretInfo = z
  .strictObject({
    handle: z.string().openapi({ description: 'Owner, server and name in base64url. It gives no permission.' }),
    id: z.string(),
    owner: z.string(),
    server: z.string(),
    name: z.string(),
    type: z.string(),
    tier: tierNumber,
    description: z.string().nullable(),
    tags: z.array(z.string()),
    state: z.enum(states),
    isActive: z.boolean(),
    encoding,
    version: versionNumber,
    revision: counter.openapi({ description: 'Counts every change of the record; the ETag of the answer.' }),
    expiresAt: instant.nullable(),
    hosts: z.array(z.string()).nullable().openapi({ description: 'The hosts that it may be sent to.' }),
    freshUntil: instant.nullable().openapi({ description: 'Until when the value works, where its writer said so.' }),
    needsSignIn: z
      .boolean()
      .openapi({ description: 'The value can be renewed no more: somebody has to sign in again.' }),
    createdAt: instant,
    updatedAt: instant,
    lastUsedAt: instant.nullable(),
    useCount: counter,
    isCanary: z
      .literal(true)
      .optional()
      .openapi({ description: 'A decoy; only its owner and administrators see this.' }),
  })
  .openapi('SecretInfo')

/** A record that was altered in the store: nothing but its place can be trusted. */
export const untrustedInfo = z
  .strictObject({
    handle: z.string(),
    owner: z.string(),
    server: z.string(),
    name: z.string(),
    state: z.literal('untrusted'),
  })
  .openapi('UntrustedInfo')

export const secretPage = z
  .strictObject({ items: z.array(z.union([secretInfo, untrustedInfo])), cursor: z.string().nullable() })
  .openapi('SecretPage')

export const listQuery = z.strictObject({
  server: serverName.optional(),
  owner: optionalOwner.openapi({ description: 'One scope of somebody else; needs server.' }),
  tag: listOf(nameText).optional().openapi({ description: 'May be repeated: all of them.' }),
  type: nameText.optional(),
  tier: z.coerce.number<string>().int().min(1).max(3).optional(),
  state: z.enum([...states, 'any']).optional(),
  expiresBefore: instant.optional(),
  q: nameText.optional().openapi({ description: 'How the name begins.' }),
  shared: flag.optional().openapi({ description: 'true: only what others share with the caller.' }),
  cursor: cursor.optional(),
  limit: pageLimit.optional(),
})

const settings = {
  type: nameText.optional(),
  tier: tierNumber.optional(),
  description: z.string().max(1_024).nullable().optional(),
  tags: z.array(nameText).max(64).optional(),
  expiresAt: instant.nullable().optional(),
  hosts: z.array(z.string().min(1).max(300)).min(1).max(64).nullable().optional(),
}

/** Bytes come as base64, since JSON has none. */
const textValue = z.string().min(1).max(1_400_000)
const fieldsValue = z.record(z.string().min(1).max(256), z.string().min(1).max(1_048_576))

export const setBody = z
  .strictObject({
    value: z.union([textValue, fieldsValue]),
    encoding: encoding.optional().openapi({
      description: 'bytes: the value is base64. Default: text for a string, fields for an object of strings.',
    }),
    ...settings,
    ...guard,
  })
  .refine(({ value, encoding: given }) => given === undefined || (given === 'fields') === (typeof value !== 'string'), {
    message: 'must fit the value: fields for an object of strings, text or bytes for a string.',
    path: ['encoding'],
  })
  .refine(({ value, encoding: given }) => given !== 'bytes' || isBase64(value), {
    message: 'must be base64 when encoding is bytes.',
    path: ['value'],
  })
  .openapi('SetSecret')

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0
}

const settingNames = ['type', 'tier', 'description', 'tags', 'expiresAt', 'hosts'] as const

/** Settings, or fields of a `fields` value: one write changes one of both. */
export const patchBody = z
  .strictObject({
    ...settings,
    fields: z
      .record(z.string().min(1).max(256), z.string().min(1).max(1_048_576).nullable())
      .optional()
      .openapi({ description: 'Fields of the value to change; null removes one.' }),
    ...guard,
  })
  .refine((body) => (body.fields === undefined) === settingNames.some((name) => body[name] !== undefined), {
    message: 'must be there without settings, or settings without it.',
    path: ['fields'],
  })
  .openapi('PatchSecret')

export const guardBody = z.strictObject(guard)
export const restoreBody = z.strictObject({ version: versionNumber, ...guard })
export const destroyBody = z.strictObject({
  confirm: nameText.openapi({ description: 'The name of the secret, typed again.' }),
  ...guard,
})

export const revealBody = z.strictObject({
  version: versionNumber.optional(),
  reason: nameText.optional().openapi({ description: 'Why, where the tier of the secret asks for it.' }),
})

const revealedVersion = { version: versionNumber }
export const revealed = z
  .discriminatedUnion('encoding', [
    z.strictObject({ encoding: z.literal('text'), value: z.string(), ...revealedVersion }),
    z.strictObject({ encoding: z.literal('bytes'), value: z.string(), ...revealedVersion }),
    z.strictObject({ encoding: z.literal('fields'), value: z.record(z.string(), z.string()), ...revealedVersion }),
  ])
  .openapi('RevealedSecret', { description: 'The value; bytes as base64.' })

export const versionInfo = z
  .strictObject({
    version: versionNumber,
    encoding,
    state: z.enum(['active', 'pending', 'retired']),
    isCurrent: z.boolean(),
    createdAt: instant,
    createdBy: z.string(),
  })
  .openapi('VersionInfo')
export const versionList = z.strictObject({ items: z.array(versionInfo) })

/** False when the secret already was as asked. */
export const changed = z.strictObject({ changed: z.boolean() }).openapi('Changed')

export const requireBody = z.strictObject({
  server: serverName,
  owner: optionalOwner,
  names: z.array(z.string().max(1_024)).min(1).max(1_000),
})
const names = z.array(z.string())
export const requireReport = z
  .strictObject({
    ok: z.boolean(),
    missing: names,
    expired: names,
    inactive: names,
    forbidden: names,
    malformed: names,
    untrusted: names,
  })
  .openapi('RequireReport')
