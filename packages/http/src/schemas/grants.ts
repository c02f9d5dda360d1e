// Bodies and answers about permissions on one secret.
import { z } from '@hono/zod-openapi'
import { guard, instant, nameText, permission, secretPath } from './common.ts'

export const grantPath = z.strictObject({
  ...secretPath.shape,
  principal: nameText.openapi({ param: { name: 'principal', in: 'path' }, example: 'bob' }),
})

export const grantBody = z.strictObject({
  permission,
  deploymentId: nameText.optional().openapi({ description: 'The permission holds in this deployment only.' }),
  ...guard,
})

export const grantInfo = z
  .strictObject({
    principal: z.string(),
    permission,
    grantedBy: z.string(),
    grantedAt: instant,
    deploymentId: z.string().nullable(),
  })
  .openapi('GrantInfo')

export const grantList = z.strictObject({ items: z.array(grantInfo) })
