// Redacting a text of JSON while 1,000 values are live, against JSON.parse of the same text.
import { createHash } from 'node:crypto'
import { raceOptions } from '../effort.mjs'
import { loadRedact } from '../internals.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'

const liveValues = 1_000
const textBytes = 1_048_576
const hits = 100

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const { createRedactor } = await loadRedact()
  const redactor = createRedactor()
  const values = Array.from({ length: liveValues }, (_, index) => valueAt(index))
  for (const [index, value] of values.entries()) redactor.add({ value, label: `server/${index}` })
  const options = raceOptions(effort, { clock: 'cpu' })
  const rows = []
  for (const { goal, work, inside } of [
    { goal: 'redact-clean', work: 'redact 1 MiB of JSON, 1,000 live values', inside: [] },
    { goal: 'redact-hits', work: `redact 1 MiB of JSON with ${hits} of them in it`, inside: values.slice(0, hits) },
  ]) {
    const text = textWith(inside)
    const redacted = redactor.redact(text)
    if (redacted.split('[secret:').length - 1 !== inside.length) throw new Error('Not every value was found.')
    const results = await race(
      [
        { name: 'JSON.parse', run: () => JSON.parse(text) },
        { name: 'mcpvault redactor', run: () => redactor.redact(text) },
      ],
      options,
    )
    rows.push(...raceRows({ work, results, goals: { 'mcpvault redactor': goal } }))
  }
  return { rows, notes: ['A third each of tokens, addresses of databases and base64.'] }
}

/** @param {number} index */
function valueAt(index) {
  const random = createHash('sha512').update(`value ${index}`).digest()
  if (index % 3 === 0) return `ghp_${random.toString('base64url', 0, 27)}`
  if (index % 3 === 1) return `postgres://app:${random.toString('hex', 0, 12)}@db.example.com:5432/app`
  return random.toString('base64', 0, 32)
}

/** @param {readonly string[]} values each once, spread over the text */
function textWith(values) {
  const items = []
  for (let length = 0, index = 0; length < textBytes; index++) {
    const random = createHash('sha256').update(`item ${index}`).digest()
    const item = {
      id: random.toString('hex', 0, 16),
      index,
      url: `https://api.example.com/items/${index}?page=${index % 7}`,
      note: 'He said: "the quick brown fox jumps over the lazy dog".\nThen it did.',
      nested: { list: [1, 2, 3], none: null, yes: true },
      digest: random.toString('base64'),
      ...(index % 20 === 0 && values[index / 20] !== undefined ? { token: values[index / 20] } : {}),
    }
    items.push(item)
    length += JSON.stringify(item).length + 1
  }
  return JSON.stringify(items)
}
