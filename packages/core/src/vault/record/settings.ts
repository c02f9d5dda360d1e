// Settings of a secret beside its value, applied to a draft.
import type { ParsedSettings } from '../parse/settings.ts'
import type { Draft } from './commit.ts'
import { withManaged } from './managed.ts'

/** The draft with the settings that were given, for its current version; null takes what may be absent away. */
export function applySettings(
  draft: Draft,
  settings: Pick<ParsedSettings, 'type' | 'tier' | 'description' | 'tags' | 'expiresAt' | 'hosts' | 'freshUntil'>,
): Draft {
  const { description: oldDescription, expiresAt: oldExpiry, ...rest } = draft
  const description = settings.description === undefined ? oldDescription : settings.description
  const expiresAt = settings.expiresAt === undefined ? oldExpiry : settings.expiresAt
  const { hosts, freshUntil } = settings
  return {
    ...rest,
    managed: withManaged(draft, { hosts, freshness: freshUntil && { until: freshUntil } }),
    type: settings.type ?? draft.type,
    tier: settings.tier ?? draft.tier,
    tags: settings.tags ?? draft.tags,
    ...(description === undefined || description === null ? {} : { description }),
    ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
  }
}
