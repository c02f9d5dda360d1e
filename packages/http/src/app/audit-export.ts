// The export of the audit trail: a stream of lines, read from the vault page by page as fast as the client takes them.
import type { AuditPage } from '@mcpvault/core'
import type { Call } from '../call.ts'
import type { AuditFilterOptions } from './audit-filter.ts'
import { auditItemJson, untrustedEventJson } from './json.ts'

const pageRows = 500

/** One JSON object a line. The first page is read before the answer begins, so that a refusal has its own status. */
export async function exportEvents(call: Call, filter: AuditFilterOptions): Promise<Response> {
  const { session, signal } = call
  const pages = session.auditPages({ ...filter, limit: pageRows, signal })[Symbol.asyncIterator]()
  let first: IteratorResult<AuditPage> | undefined = await pages.next()
  /** The status is sent already: only the log can say why the rest is missing. */
  const failed = (error: unknown): never => {
    call.fail(error)
    throw error
  }
  const lines = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = first ?? (await pages.next().catch(failed))
        first = undefined
        if (done === true) controller.close()
        else controller.enqueue(linesOf(value))
      },
      async cancel() {
        await pages.return?.()
      },
    },
    // No more than one page ahead of the client.
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
