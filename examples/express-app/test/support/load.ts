// Many clients at once on one app, each with a connection of its own, and how long its answers took.
import { Agent, request } from 'node:http'

export interface LoadReport {
  readonly requests: number
  /** What was answered with another status than 200, or not at all. */
  readonly failures: readonly string[]
  readonly medianMs: number
  readonly p99Ms: number
}

interface Load {
  readonly url: string
  readonly clients: number
  /** Of each client in turn: the cookies of its user, and the paths that it asks for one after another. */
  readonly cookies: readonly string[]
  readonly paths: readonly string[]
}

export async function putLoad({ url, clients, cookies, paths }: Load): Promise<LoadReport> {
  const times: number[] = []
  const failures: string[] = []
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (const path of paths) {
        const startedAt = performance.now()
        const answer = await ask(new URL(path, url), { agent, cookie: cookies[client % cookies.length] ?? '' })
        times.push(performance.now() - startedAt)
        if (answer !== 'HTTP 200') failures.push(`${path}: ${answer}`)
      }
      agent.destroy()
    }),
  )
  const sorted = times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  return { requests: sorted.length, failures, medianMs: at(0.5), p99Ms: at(0.99) }
}

/** The status, or the code of the error. */
function ask(url: URL, { agent, cookie }: { readonly agent: Agent; readonly cookie: string }): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(url, { agent, headers: { cookie } }, (response) => {
      response.resume()
      response.once('end', () => resolve(`HTTP ${response.statusCode}`))
      response.once('error', (error) => resolve(error.name))
    })
    sent.once('error', (error) => resolve('code' in error ? String(error.code) : error.name))
    sent.end()
  })
}
