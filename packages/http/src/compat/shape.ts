// Which calls are those of an older system, and how its answers say what went wrong.
import type { CompatSystem } from '../options.ts'

/** `message`: `{ success: false, error: text }`. `detail`: `{ detail: text }`. */
export interface CompatShape {
  readonly body: 'message' | 'detail'
  /** Where the older system knew one status for whatever its caller did wrong. */
  readonly oneStatus?: 400
}

/** The shape of errors of a call; undefined for one of the API itself. */
export function compatShape(
  { method, path }: { readonly method: string; readonly path: string },
  systems: ReadonlySet<CompatSystem>,
): CompatShape | undefined {
  if (systems.has('airis') && method === 'POST' && path === '/api/v1/secrets') return { body: 'detail' }
  if (systems.has('nexus') && path === '/secrets/set') return { body: 'message' }
  if (systems.has('sigyl') && /^\/secrets(\/|$)/.test(path)) return { body: 'message', oneStatus: 400 }
  return undefined
}

/** The body of an error. */
export function compatBody({ body }: CompatShape, message: string): Readonly<Record<string, unknown>> {
  return body === 'detail' ? { detail: message } : { success: false, error: message }
}

/** The status of an error. What a client must be able to tell apart stays as it is. */
export function compatStatus({ oneStatus }: CompatShape, status: number): number {
  const isTold = status >= 500 || [401, 413, 415, 429].includes(status)
  return oneStatus === undefined || isTold ? status : oneStatus
}
