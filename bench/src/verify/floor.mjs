// What verifying cannot do without: reading the rows, and the HMACs of the chain over the same bytes.
import { createHmac, randomBytes } from 'node:crypto'

const pageRows = 1_000
/** The bytes of a mac's input before the body: label, vault id, stream, sequence, mac before, length. */
const headerBytes = 93

/**
 * Reads every row and hands it on, page by page. A full page ends with the first row of the next one.
 *
 * @param {import('@mcpvault/core').AuditStore} audit
 * @param {(row: import('@mcpvault/core').AuditRow) => void} take
 */
export async function readRows(audit, take) {
  let from
  for (;;) {
    const page = await audit.readAll({ limit: pageRows, ...(from && { from }) })
    const last = page.at(-1)
    for (const row of page) if (row !== last || page.length < pageRows) take(row)
    if (last === undefined || page.length < pageRows) return
    from = { stream: last.stream, sequence: last.sequence }
  }
}

/** One HMAC over each body and what stands before it, all under one key. */
export function bodyHmacs() {
  const header = randomBytes(headerBytes)
  const key = randomBytes(32)
  return (body) => void createHmac('sha256', key).update(header).update(body).digest()
}

/** The two HMACs of each link of the chain: the mac, and the key of the next one. */
export function chainHmacs() {
  const header = randomBytes(headerBytes)
  let key = randomBytes(32)
  return (body) => {
    createHmac('sha256', key).update(header).update(body).digest()
    key = createHmac('sha256', key).update('mcpvault/1/ratchet').digest()
  }
}
