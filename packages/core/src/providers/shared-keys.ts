// Finds environments that were given one and the same key.
import { wipe } from '../bytes/index.ts'
import { environmentOf } from './environment-names.ts'
import { fingerprintKeyId, lenientKeyBytes, trimKeyText } from './key-text.ts'

/**
 * The groups of environments whose variables (`MCPVAULT_KEY_<ENV>`, `ENCRYPTION_MASTER_KEY_<ENV>`) hold the same key, for
 * a warning: `[['dev', 'prod']]`. Names are in lower case and sorted. Empty when every environment has its own.
 *
 * @example
 * for (const group of sameKeyAcrossEnvironments()) console.warn(`One key for ${group.join(' and ')}`)
 */
export function sameKeyAcrossEnvironments(
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly (readonly string[])[] {
  const byFingerprint = new Map<string, Set<string>>()
  for (const [variable, text = ''] of Object.entries(env)) {
    const environment = environmentOf(variable)
    if (environment === undefined || trimKeyText(text) === '') continue
    const fingerprint = fingerprintOf(text)
    byFingerprint.set(fingerprint, (byFingerprint.get(fingerprint) ?? new Set()).add(environment))
  }
  const groups = [...byFingerprint.values()].filter((environments) => environments.size > 1)
  return groups.map((environments) => [...environments].sort()).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

function fingerprintOf(text: string): string {
  const bytes = lenientKeyBytes(text)
  const fingerprint = fingerprintKeyId(bytes)
  wipe(bytes)
  return fingerprint
}
