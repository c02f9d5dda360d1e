// Pages of a store while copying, and how much of a page is copied at a time.
import { type Awaitable, type CallOptions, pagesOf } from '../contracts/index.ts'
import { VaultError, type VaultErrorDetails } from '../errors/index.ts'

export const copyPage = 200

/** Items of a page that are copied at a time. */
export const itemsAtATime = 32

/** Every item of a list, a page at a time; `next` is given the last item of the page before. */
export function copyPages<T>(
  { signal }: CallOptions,
  next: (last: T | undefined) => Awaitable<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  return pagesOf(next, { limit: copyPage, signal })
}

/** The stores differ: somebody writes, or the target had something else before. */
export function differs(details: Pick<VaultErrorDetails, 'ref'> & { readonly detail: string }): VaultError {
  return new VaultError('VAULT_CONFLICT', details)
}
