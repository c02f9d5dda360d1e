// The data keys and the secrets of a whole vault, page by page.
import {
  type DataKeyQuery,
  pagesOf,
  type SecretQuery,
  type StoredDataKey,
  type StoredSecret,
} from '../contracts/index.ts'
import type { Call } from '../vault/operation.ts'

const limit = 500

/** Every data key that fits, by id. */
export function dataKeyPages(
  { runtime, signal }: Call,
  query: Omit<DataKeyQuery, 'after' | 'limit'>,
): AsyncGenerator<readonly StoredDataKey[]> {
  const next = (last: StoredDataKey | undefined) =>
    runtime.store.dataKeys.list({ ...query, ...(last && { after: last.id }), limit }, { signal })
  return pagesOf(next, { limit, signal })
}

/** Every secret that fits, newest first. */
export function secretPages(
  { runtime, signal }: Call,
  query: Omit<SecretQuery, 'after' | 'limit'>,
): AsyncGenerator<readonly StoredSecret[]> {
  const next = (last: StoredSecret | undefined) =>
    runtime.store.secrets.list({ ...query, ...(last && { after: last }), limit }, { signal })
  return pagesOf(next, { limit, signal })
}
