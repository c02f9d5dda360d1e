// The messages by which a test gives jobs to another process, and gets its answers.
import { inspect } from 'node:util'

/** Sends the test something before the job is done; resolves once it has left this process. */
export type Tell = (news: unknown) => Promise<void>

/** What a program can do. Inputs and answers are what `structuredClone` takes. */
export type Jobs = Readonly<Record<string, (input: never, tell: Tell) => Promise<unknown>>>

export interface Request {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export type Reply =
  | { readonly id: number; readonly kind: 'news'; readonly news: unknown }
  | { readonly id: number; readonly kind: 'done'; readonly answer: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly reason: string }

/** Does the jobs that the test asks for until the test is gone. */
export function serveJobs(jobs: Jobs): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (message) => void serve(jobs, parseRequest(message)))
}

async function serve(jobs: Jobs, { id, name, input }: Request): Promise<void> {
  try {
    const job = jobs[name]
    if (job === undefined) throw new Error('There is no such job.')
    // The test and the program share the type of the jobs.
    const answer = await job(input as never, (news) => reply({ id, kind: 'news', news }))
    await reply({ id, kind: 'done', answer })
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    await reply({ id, kind: 'failed', reason: `${inspect(error)}, caused by ${inspect(cause)}` })
  }
}

function reply(message: Reply): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) reject(new Error('Nobody started this process to do jobs.'))
    else process.send(message, undefined, {}, (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
}

function parseRequest(message: unknown): Request {
  if (isObject(message) && 'id' in message && 'name' in message && 'input' in message) {
    const { id, name, input } = message
    if (typeof id === 'number' && typeof name === 'string') return { id, name, input }
  }
  throw new TypeError('It is no request for a job.')
}

/** What a process said. */
export function parseReply(message: unknown): Reply {
  // Only `serveJobs` speaks on this channel.
  if (isObject(message) && 'id' in message && 'kind' in message) return message as Reply
  throw new TypeError('It is no reply to a job.')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
