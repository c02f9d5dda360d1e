// The export of the audit trail: a stream of lines, read from the vault page by page as fast as the client takes them.
import type { AuditPage } from '@mcpvault/core'
import type { Call } from '../call.ts'
import type { AuditFilterOptions } from './audit-filter.ts'
import { auditItemJson, untrustedEventJson } from './json.ts'

const pageRows = 500

/** One JSON object a line. The first page is read before the answer begins, so that a refusal has its own status. */
export async function exportEvents({ session, signal }: Call, filter: AuditFilterOptions): Promise<Response> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const read = (cursor?: string): Promise<AuditPage> =>
    session.auditLog({ ...filter, limit: pageRows, signal: either, ...(cursor !== undefined && { cursor }) })
  let next: AuditPage | undefined = await read()
  const lines = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (next === undefined) return controller.close()
        const { cursor } = next
        controller.enqueue(linesOf(next))
        next = cursor === undefined ? undefined : await read(cursor)
      },
      cancel() {
        stop.abort()
      },
    },
    // One page ahead of the client, and no more.
    { highWaterMark: 1 },
  )
  return new Response(lines, {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="audit.ndjson"',
    },
  })
}

function linesOf({ items, untrusted }: AuditPage): Uint8Array {
  const rows = [
    ...items.map(auditItemJson),
    ...untrusted.map((event) => ({ state: 'untrusted', ...untrustedEventJson(event) })),
  ]
  return new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}
