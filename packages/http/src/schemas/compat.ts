// Bodies of the older systems' calls.
import { z } from '@hono/zod-openapi'
import { instant, nameText, secretName } from './common.ts'

const text = z.string().min(1).max(1_048_576)
const description = z.string().max(1_024).nullable().optional()

export const airisSecret = z.strictObject({ key: secretName, value: text, description })

const sigylSettings = {
  secretType: nameText.optional(),
  description,
  tags: z.array(nameText).max(64).optional(),
  expiresAt: instant.nullable().optional(),
}
export const sigylSecret = z.strictObject({ name: secretName, value: text, ...sigylSettings })
export const sigylUpdate = z.strictObject({ value: text.optional(), ...sigylSettings })

/** `username` is read by nobody: who is signed in is the host's to say. */
export const nexusSet = z.strictObject({
  username: z.string().max(1_024).optional(),
  serverName: nameText,
  secretName,
  secretValue: text.optional(),
  action: z.enum(['save', 'update', 'delete']).optional(),
})
