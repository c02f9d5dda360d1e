// Reads on a replica that never give anything older than this process has seen.
import type { SecretRef, StoredSecret } from '@mcpvault/core'
import type { SecretReads } from './secret-reads.ts'

const maxRemembered = 10_000

/**
 * Reads anywhere, and again on the primary server when an answer is older than one that this process has seen: what
 * other processes wrote may have been read there before.
 */
export function freshestReads({
  anywhere,
  primary,
}: Readonly<Record<'anywhere' | 'primary', SecretReads>>): SecretReads {
  const seen = new Map<string, Pick<StoredSecret, 'id' | 'revision'>>()
  const keyOf = ({ owner, server, name }: SecretRef): string => `${server}\n${owner}\n${name}`

  const isOlder = (ref: SecretRef, found: StoredSecret | undefined): boolean => {
    const before = seen.get(keyOf(ref))
    if (before === undefined) return false
    return found?.id === before.id ? found.revision < before.revision : true
  }

  const remember = (ref: SecretRef, found: StoredSecret | undefined): void => {
    const key = keyOf(ref)
    seen.delete(key)
    if (found !== undefined) seen.set(key, { id: found.id, revision: found.revision })
    const [oldest] = seen.keys()
    if (seen.size > maxRemembered && oldest !== undefined) seen.delete(oldest)
  }

  const freshest = async (read: (reads: SecretReads) => Promise<readonly StoredSecret[]>) => {
    const first = await read(anywhere)
    const found = first.some((record) => isOlder(record.ref, record)) ? await read(primary) : first
    for (const record of found) remember(record.ref, record)
    return found
  }

  return {
    async find(ref, versions, options) {
      const first = await anywhere.find(ref, versions, options)
      const found = isOlder(ref, first) ? await primary.find(ref, versions, options) : first
      remember(ref, found)
      return found
    },
    findAll: (scope, options) => freshest((reads) => reads.findAll(scope, options)),
    list: (query, options) => freshest((reads) => reads.list(query, options)),
  }
}
