// Walks pages of data keys and secrets, keyset by keyset, so that no loop holds more than one page.
import type { DataKeyQuery, SecretQuery, StoredDataKey, StoredSecret } from '../contracts/index.ts'
import type { Call } from '../vault/operation.ts'

const pageRows = 500

/** Every data key that fits, page by page, by id. */
export async function* dataKeyPages(
  call: Call,
  query: Omit<DataKeyQuery, 'after' | 'limit'>,
): AsyncGenerator<readonly StoredDataKey[]> {
  let after: string | undefined
  do {
    call.signal?.throwIfAborted()
    const position = after === undefined ? {} : { after }
    const rows = await call.runtime.store.dataKeys.list(
      { ...query, ...position, limit: pageRows },
      { signal: call.signal },
    )
    if (rows.length > 0) yield rows
    after = rows.length < pageRows ? undefined : rows.at(-1)?.id
  } while (after !== undefined)
}

/** Every secret that fits, page by page, newest first. */
export async function* secretPages(
  call: Call,
  query: Omit<SecretQuery, 'after' | 'limit'>,
): AsyncGenerator<readonly StoredSecret[]> {
  let after: SecretQuery['after']
  do {
    call.signal?.throwIfAborted()
    const position = after === undefined ? {} : { after }
    const rows = await call.runtime.store.secrets.list(
      { ...query, ...position, limit: pageRows },
      { signal: call.signal },
    )
    if (rows.length > 0) yield rows
    const last = rows.at(-1)
    after = last === undefined || rows.length < pageRows ? undefined : { createdAt: last.createdAt, id: last.id }
  } while (after !== undefined)
}
