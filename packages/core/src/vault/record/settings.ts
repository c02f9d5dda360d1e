// Settings of a secret beside its value, applied to a draft.
import type { ParsedSettings } from '../parse/settings.ts'
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
