// Calls that meet go together, by hand: one statement for all that wait, a few statements at a time.

/**
 * @template Item, Answer
 * @param {object} options
 * @param {number} options.max items of one group
 * @param {number} options.lanes groups under way at a time
 * @param {(items: readonly Item[], lane: number) => Promise<readonly Answer[]> | readonly Answer[]} options.run answers
 *   in the order of the items
 * @returns {(item: Item) => Promise<Answer>}
 */
export function grouped({ max, lanes, run }) {
  /** @type {{ item: Item, resolve: (answer: Answer) => void, reject: (reason: unknown) => void }[]} */
  const waiting = []
  const free = Array.from({ length: lanes }, (_, lane) => lane)
  let isBooked = false

  async function send(lane) {
    const group = waiting.splice(0, max)
    try {
      const answers = await run(
        group.map(({ item }) => item),
        lane,
      )
      for (const [index, { resolve }] of group.entries()) resolve(/** @type {Answer} */ (answers[index]))
    } catch (error) {
      for (const { reject } of group) reject(error)
    } finally {
      free.push(lane)
      if (waiting.length > 0) book()
    }
  }

  /** Behind the running turn, in which the calls of many callers come one after the other. */
  function book() {
    if (isBooked || free.length === 0) return
    isBooked = true
    setImmediate(() => {
      isBooked = false
      while (free.length > 0 && waiting.length > 0) void send(free.pop())
    })
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      book()
    })
}

/**
 * Rows that are written behind, all that came in 50 ms at once.
 *
 * @template Row
 * @param {(rows: readonly Row[]) => unknown} write
 */
export function writtenBehind(write) {
  /** @type {Row[]} */
  let rows = []
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    const batch = rows
    rows = []
    if (batch.length > 0) await write(batch)
  }
  return {
    /** @param {Row} row */
    push(row) {
      rows.push(row)
      if (rows.length >= 256) void flush()
      else timer ??= setTimeout(flush, 50)
    },
    flush,
  }
}
