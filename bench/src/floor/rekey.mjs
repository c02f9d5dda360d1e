// Rekeying by hand: pages of sealed values, each opened, sealed under another key and opened again, and written back as one batch with its events.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { auditChain, commitmentOf, sealer } from './crypto.mjs'
import { page } from './rewrap.mjs'

const sealEnd = 33

/**
 * Rows are `key number || seal of the record || envelope`.
 *
 * @param {import('./rewrap.mjs').KeyTable} table
 * @param {{ readonly count: number, readonly value: string }} secrets
 */
export async function rekeyByHand(table, { count, value }) {
  const keys = [sealer(), sealer()]
  const nextEvent = auditChain()
  const recordOf = (id, revision, envelope) =>
    Buffer.from(JSON.stringify([id, revision, commitmentOf(envelope)]), 'utf8')
  const sealed = ({ number, id, revision, plaintext }) => {
    const envelope = keys[number].seal([id, number], plaintext)
    const wrap = Buffer.concat([Buffer.of(number), keys[number].sealOf(recordOf(id, revision, envelope)), envelope])
    return { id, revision, wrap }
  }
  const opened = ({ id, revision, wrap }) => {
    const [number] = wrap
    const envelope = wrap.subarray(sealEnd)
    keys[number].checkSeal(recordOf(id, revision, envelope), wrap.subarray(1, sealEnd))
    return keys[number].open([id, number], envelope)
  }
  const plaintext = Buffer.from(value, 'utf8')
  const fresh = Array.from({ length: count }, () =>
    sealed({ number: 0, id: randomBytes(16).toString('hex'), revision: 1, plaintext }),
  )
  for (let from = 0; from < count; from += page) await table.insert(fresh.slice(from, from + page))
  /** Seals everything under the numbered key. @param {number} number */
  return async (number) => {
    let done = 0
    let after = ''
    for (;;) {
      const rows = await table.pageAfter(after)
      const next = rows.map((row) => {
        const before = opened(row)
        const again = sealed({ number, id: row.id, revision: row.revision + 1, plaintext: before })
        const compared = opened(again)
        if (!timingSafeEqual(compared, before)) throw new Error('What was sealed again does not open.')
        before.fill(0)
        compared.fill(0)
        return again
      })
      const events = rows.map(({ id }) => {
        const ref = { owner: 'alice', server: 'github', name: id }
        const event = nextEvent({ action: 'key.rekeyed', operation: 'rekey', ref, id, version: 1 })
        return { sequence: event[1], mac: event[11], body: event[12] }
      })
      if (next.length > 0) {
        done += await table.replace(next)
        await table.append(events)
      }
      if (rows.length < page) break
      after = rows.at(-1)?.id ?? ''
    }
    if (done !== count) throw new Error(`${done} of ${count} values were sealed again.`)
  }
}
