// What is special about a secret, as small words: its state, when it expires, whose it is.
import type { ListedSecret } from '../client.ts'
import { Badge } from '../ui/badge.tsx'
import { Text } from '../ui/text.tsx'
import { distance } from '../ui/time.tsx'

const soonMs = 30 * 86_400_000

export function Badges({ secret, isOwn }: { readonly secret: ListedSecret; readonly isOwn: boolean }) {
  return (
    <span class="badges">
      <StateBadge secret={secret} />
      {isOwn ? null : (
        <Badge tone="accent">
          from <Text text={secret.owner} />
        </Badge>
      )}
    </span>
  )
}

function StateBadge({ secret }: { readonly secret: ListedSecret }) {
  switch (secret.state) {
    case 'untrusted':
      return <Badge tone="danger">altered in the store</Badge>
    case 'expired':
      return <Badge tone="danger">expired</Badge>
    case 'inactive':
      return <Badge>inactive</Badge>
    case 'deleted':
      return <Badge>deleted</Badge>
    default: {
      const { expiresAt, needsSignIn } = secret
      if (needsSignIn) return <Badge tone="warn">sign in again</Badge>
      const isSoon = expiresAt !== null && Date.parse(expiresAt) - Date.now() < soonMs
      return isSoon ? <Badge tone="warn">expires {distance(expiresAt)}</Badge> : null
    }
  }
}

export const tierNames = { 1: 'critical', 2: 'sensitive', 3: 'internal' } as const

export function Tier({ tier }: { readonly tier: 1 | 2 | 3 }) {
  return <span class={`tier t${tier}`}>{tierNames[tier]}</span>
}

const typeNames: Readonly<Record<string, string>> = {
  api_key: 'API key',
  database_url: 'database URL',
  jwt_secret: 'JWT key',
  custom: 'custom',
}

/** A type in words; one that the vault's host registered stays as it is. */
export function typeName(type: string): string {
  return Object.hasOwn(typeNames, type) ? (typeNames[type] ?? type) : type
}
