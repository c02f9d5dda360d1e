// Settings of a secret beside its value: applied to a draft, and kept free of the value itself.
import { utf8Bytes, utf8Text } from '../../bytes/index.ts'
import { VaultError } from '../../errors/index.ts'
import type { ParsedSettings } from '../parse/settings.ts'
import type { ParsedValue } from '../parse/value.ts'
import type { Draft } from './commit.ts'

/** The draft with the settings that were given; null takes a description or an expiry away. */
export function applySettings(
  draft: Draft,
  settings: Pick<ParsedSettings, 'type' | 'tier' | 'description' | 'tags' | 'expiresAt'>,
): Draft {
  const { description: oldDescription, expiresAt: oldExpiry, ...rest } = draft
  const description = settings.description === undefined ? oldDescription : settings.description
  const expiresAt = settings.expiresAt === undefined ? oldExpiry : settings.expiresAt
  return {
    ...rest,
    type: settings.type ?? draft.type,
    tier: settings.tier ?? draft.tier,
    tags: settings.tags ?? draft.tags,
    ...(description === undefined || description === null ? {} : { description }),
    ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
  }
}

/** Shorter values occur in ordinary words by chance. */
const minValueBytes = 4

/** Throws `VAULT_VALUE_INVALID` when the description, which is stored readable, contains the value. */
export function refuseRepeatedValue(description: string | null | undefined, value: ParsedValue): void {
  if (typeof description !== 'string') return
  const text = utf8Bytes(description)
  const repeated = parts(value).some((part) => part.length >= minValueBytes && text.includes(part))
  if (repeated)
    throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must not contain the value.', field: 'description' })
}

function parts({ encoding, plaintext }: ParsedValue): readonly Buffer[] {
  if (encoding !== 'fields') return [plaintext]
  const fields: Readonly<Record<string, string>> = JSON.parse(utf8Text(plaintext) ?? '{}')
  return Object.values(fields).map(utf8Bytes)
}
