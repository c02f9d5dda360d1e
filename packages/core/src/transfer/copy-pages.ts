// Pages of a store, one after the other, while copying.
import type { CallOptions } from '../contracts/index.ts'
import { VaultError, type VaultErrorDetails } from '../errors/index.ts'

export const copyPage = 200

/** Every item of a list, a page at a time; `next` is given the last item of the page before. */
export async function* copyPages<T>(
  options: CallOptions,
  next: (last: T | undefined) => PromiseLike<readonly T[]> | readonly T[],
): AsyncGenerator<readonly T[]> {
  let last: T | undefined
  for (;;) {
    options.signal?.throwIfAborted()
    const page = await next(last)
    if (page.length > 0) yield page
    if (page.length < copyPage) return
    last = page.at(-1)
  }
}

/** The stores say different things: somebody writes, or the target had something else. */
export function differs(details: Pick<VaultErrorDetails, 'ref'> & { readonly detail: string }): VaultError {
  return new VaultError('VAULT_CONFLICT', details)
}
