// Counts the queries on a pool, and how many of them follow each other: what starts after another has ended may need it.

/**
 * @param {import('pg').Pool} pool whose connections are not made yet
 */
export function countQueries(pool) {
  if (pool.totalCount > 0) throw new TypeError('The pool has connections already, whose queries would not be counted.')
  let queries = 0
  let endedDepth = 0
  pool.on('connect', (client) => {
    const query = client.query.bind(client)
    client.query = (...given) => {
      queries += 1
      const depth = endedDepth + 1
      const end = () => {
        endedDepth = Math.max(endedDepth, depth)
      }
      const callback = given.at(-1)
      if (typeof callback === 'function') {
        return query(...given.slice(0, -1), (...answer) => {
          end()
          callback(...answer)
        })
      }
      const answer = query(...given)
      answer.then(end, end)
      return answer
    }
  })
  return {
    /** The queries that `work` makes, and the longest run of them one after the other. @param {() => unknown} work */
    async during(work) {
      queries = 0
      endedDepth = 0
      await work()
      return { queries, inSequence: endedDepth }
    },
  }
}
