// Settings as they are typed, and as the API takes them.
import type { SecretInfo } from '../client.ts'
import { fromLocalInput, localInput } from '../ui/time.tsx'

export interface SettingsDraft {
  readonly type: string
  readonly tier: '1' | '2' | '3'
  readonly description: string
  /** Separated by commas. */
  readonly tags: string
  /** As an input of type `datetime-local` has it. */
  readonly expires: string
}

export const builtInTypes = ['api_key', 'database_url', 'jwt_secret', 'custom'] as const

export const emptySettings: SettingsDraft = { type: 'custom', tier: '2', description: '', tags: '', expires: '' }

const tierNumbers = { '1': 1, '2': 2, '3': 3 } as const

export function draftOf(info: SecretInfo): SettingsDraft {
  return {
    type: info.type,
    tier: `${info.tier}`,
    description: info.description ?? '',
    tags: info.tags.join(', '),
    expires: localInput(info.expiresAt),
  }
}

/** The settings of a new secret. */
export function settingsOf(draft: SettingsDraft) {
  return { type: draft.type, tier: tierNumbers[draft.tier], ...changesOf(emptySettings, draft) }
}

/** What differs between two drafts: only that is written, since some settings take more permission than others. */
export function changesOf(before: SettingsDraft, after: SettingsDraft) {
  const { type, tier, description, tags, expires } = after
  return {
    ...(type !== before.type && { type }),
    ...(tier !== before.tier && { tier: tierNumbers[tier] }),
    ...(description !== before.description && { description: description === '' ? null : description }),
    ...(tags !== before.tags && { tags: [...tagsOf(tags)] }),
    ...(expires !== before.expires && { expiresAt: fromLocalInput(expires) }),
  }
}

function tagsOf(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '')
}
