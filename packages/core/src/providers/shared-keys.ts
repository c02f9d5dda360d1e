// Finds environments that were given one and the same key.
import { wipe } from '../bytes/index.ts'
import { environmentOf } from './environment-names.ts'
import { fingerprintKeyId, lenientKeyBytes, trimKeyText } from './key-text.ts'

/**
 * The groups of environments whose variables (`MCPVAULT_KEY_<ENV>`, `ENCRYPTION_MASTER_KEY_<ENV>`) hold the same key, for
 * a warning: `[['dev', 'prod']]`. Names are in lower case and sorted, `production` is `prod` and `development` is `dev`. Empty when every environment has its own.
 *
 * @example
 * for (const group of sameKeyAcrossEnvironments()) console.warn(`One key for ${group.join(' and ')}`)
 */
export function sameKeyAcrossEnvironments(
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly (readonly string[])[] {
  const byFingerprint = new Map<string, Set<string>>()
  for (const { environment, fingerprint } of environmentKeys(env))
    byFingerprint.set(fingerprint, (byFingerprint.get(fingerprint) ?? new Set()).add(environment))
  const groups = [...byFingerprint.values()].filter((environments) => environments.size > 1)
  return groups.map((environments) => [...environments].sort()).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

/** A variable of an environment, and what tells its key from others. */
export interface EnvironmentKey {
  readonly variable: string
  readonly environment: string
  readonly fingerprint: string
}

/** The keys of all environments that are set. */
export function environmentKeys(env: Readonly<Record<string, string | undefined>>): readonly EnvironmentKey[] {
  return Object.entries(env).flatMap(([variable, text = '']) => {
    const environment = environmentOf(variable)
    if (environment === undefined || trimKeyText(text) === '') return []
    return [{ variable, environment, fingerprint: fingerprintOf(text) }]
  })
}

function fingerprintOf(text: string): string {
  const bytes = lenientKeyBytes(text)
  const fingerprint = fingerprintKeyId(bytes)
  wipe(bytes)
  return fingerprint
}
