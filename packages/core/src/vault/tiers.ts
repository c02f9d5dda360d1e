// The extra rules of tiers, as createVault takes them.
import { ownOptions, type Tier } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { parseTier } from './parse/settings.ts'
import { parseObject, parseOptional } from './parse/shapes.ts'
import { refuseUnknown } from './parse/unknown.ts'

/** Extra rules for the secrets of a tier. */
export interface TierRules {
  /** Each read names its reason, in the context of `as`. Default false. */
  readonly reasonRequired?: boolean
  /** The key provider is asked at every read, so that a revoked key stops reads at once. Default false. */
  readonly keyNotCached?: boolean
}

/** Checks the option `tiers`. Throws `VAULT_CONFIG_INVALID`. */
export function parseTiers(tiers: unknown): Partial<Readonly<Record<Tier, TierRules>>> {
  const parsed: Partial<Record<Tier, TierRules>> = ownOptions({})
  for (const [name, rules] of Object.entries(parseOptional(tiers, 'tiers'))) {
    const field = `tiers.${name}`
    const given = parseObject(rules, field)
    refuseUnknown(given, ['reasonRequired', 'keyNotCached'], field, 'VAULT_CONFIG_INVALID')
    const rule = (of: keyof TierRules): boolean => {
      const { [of]: value = false } = given
      if (typeof value !== 'boolean') throw invalid('must be a boolean.', `${field}.${of}`)
      return value
    }
    parsed[tierNamed(name)] = { reasonRequired: rule('reasonRequired'), keyNotCached: rule('keyNotCached') }
  }
  return parsed
}

function tierNamed(name: string): Tier {
  try {
    return parseTier(Number(name))
  } catch {
    throw invalid('must have no keys but 1, 2 and 3.', 'tiers')
  }
}

function invalid(detail: string, field: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { detail, field })
}
