// What verifying cannot do without: reading the rows, and the HMACs of the chain over the same bytes.
import { createHmac, randomBytes } from 'node:crypto'

const pageRows = 1_000
/** The bytes of a mac's input before the body: label, vault id, stream, sequence, mac before, length. */
const headerBytes = 93

/**
 * Reads every row of every stream and hands it on, page by page.
 *
 * @param {import('@mcpvault/core').AuditStore} audit
 * @param {(row: import('@mcpvault/core').AuditRow) => void} take
 */
export async function readRows(audit, take) {
  for (const { stream } of await audit.streams({ limit: pageRows })) {
    let afterSequence = -1
    for (;;) {
      const page = await audit.readStream(stream, { limit: pageRows, afterSequence })
      for (const row of page) take(row)
      if (page.length < pageRows) break
      afterSequence = page.at(-1)?.sequence ?? afterSequence
    }
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
