// The data keys of one owner and server: which ones there are, and how one is removed.
import type { Scope, StoredDataKey } from '../contracts/index.ts'
import type { Call } from '../vault/operation.ts'
import { parseName } from '../vault/parse/names.ts'
import { parseObject } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'
import { dataKeyPages } from './pages.ts'

/** Checks an owner and a server. Neither has a default, since their data keys go. */
export function parseScope(scope: unknown): Scope {
  const given = parseObject(scope, 'scope')
  refuseUnknown(given, ['owner', 'server'], 'scope')
  return { owner: parseName(given['owner'], 'scope.owner'), server: parseName(given['server'], 'scope.server') }
}

/** Every data key of an owner and server, the retired ones too, by id. */
export async function dataKeysOf(call: Call, { owner, server }: Scope): Promise<readonly StoredDataKey[]> {
  const rows: StoredDataKey[] = []
  for await (const page of dataKeyPages(call, { owner }))
    rows.push(...page.filter(({ scope }) => scope.kind === 'values' && scope.server === server))
  return rows
}

/** Removes a data key: what is sealed under it can never be opened again. */
export async function removeDataKey(call: Call, { id, scope }: StoredDataKey): Promise<void> {
  try {
    await call.runtime.store.dataKeys.remove(id, scope, { signal: call.signal })
  } finally {
    // Also when the outcome is unknown: a cached key that is no longer stored would seal values that nobody can open.
    call.runtime.keys.evict(id, scope)
  }
}
