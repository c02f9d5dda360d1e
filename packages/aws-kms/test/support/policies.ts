// The policies that the package ships, for a key of a test.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicyDocument } from '@mcpvault/testkit/kms'

export type ShippedPolicy = 'application' | 'operator' | 'key-policy'

/** A shipped policy, its placeholders replaced as its reader would. */
export function shippedPolicy(
  name: ShippedPolicy,
  { keyArn, previousKeyArn = keyArn }: { readonly keyArn: string; readonly previousKeyArn?: string },
): PolicyDocument {
  const text = readFileSync(join(import.meta.dirname, '../../policies', `${name}.json`), 'utf8')
  const filled = text
    .replaceAll('arn:aws:kms:REGION:ACCOUNT:key/KEY-ID', keyArn)
    .replaceAll('arn:aws:kms:REGION:ACCOUNT:key/PREVIOUS-KEY-ID', previousKeyArn)
    .replaceAll('ACCOUNT', keyArn.split(':')[4] ?? '')
  // The files of the package are policy documents; the endpoint refuses what it does not know in them.
  return JSON.parse(filled) as PolicyDocument
}
