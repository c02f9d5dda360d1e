// Other processes of a test: a program is bundled once, run as often as needed, and given jobs.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { bundleProgram, type ProgramOptions } from '../bundle.ts'
import type { Jobs, Request } from './jobs.ts'
import { parseReply } from './jobs.ts'

/** A program that can be run in processes of its own. */
export interface WorkerProgram<J extends Jobs> {
  /** Starts a process. */
  start(): WorkerProcess<J>
  /** Ends its processes, and removes it. */
  remove(): Promise<void>
}

/** A process that does one job after the other. */
export interface WorkerProcess<J extends Jobs> {
  /** Does a job in the process; `onNews` gets what it reports before. Rejects when the process ends first. */
  run<N extends keyof J & string>(
    name: N,
    input: Parameters<J[N]>[0],
    onNews?: (news: unknown) => void,
  ): Promise<Awaited<ReturnType<J[N]>>>
  /** Ends the process as a crash does. */
  kill(): Promise<void>
}

/** Bundles a program that serves jobs. */
export async function workerProgram<J extends Jobs>(options: ProgramOptions): Promise<WorkerProgram<J>> {
  const { path, remove } = await bundleProgram(options)
  const children = new Set<ChildProcess>()
  return {
    start() {
      const child = fork(path, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
      children.add(child)
      child.once('exit', () => children.delete(child))
      return workerOf(child)
    },
    async remove() {
      await Promise.all([...children].map(end))
      remove()
    },
  }
}

function workerOf<J extends Jobs>(child: ChildProcess): WorkerProcess<J> {
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  let jobs = 0
  return {
    run: (name, input, onNews) =>
      new Promise((resolve, reject) => {
        jobs += 1
        const id = jobs
        const settle = (): void => void child.off('message', onMessage).off('close', onClose)
        function onMessage(message: unknown): void {
          const reply = parseReply(message)
          if (reply.id !== id) return
          if (reply.kind === 'news') {
            onNews?.(reply.news)
            return
          }
          settle()
          if (reply.kind === 'failed') reject(new Error(`The job ${name} failed: ${reply.reason}`))
          // The program is the one that the type names, and it answered this job.
          else resolve(reply.answer as Awaited<ReturnType<J[typeof name]>>)
        }
        function onClose(code: number | null, signal: NodeJS.Signals | null): void {
          settle()
          reject(new Error(`The process ended with ${signal ?? code} in ${name}. ${complaints}`))
        }
        child.on('message', onMessage).on('close', onClose)
        const request: Request = { id, name, input }
        child.send(request, (error) => error && onClose(null, null))
      }),
    kill: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
