// One server in a folder of its own, as a process of the machine or in a container.
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../until.ts'
import { startChildProcess } from './child-process.ts'
import { startContainer } from './container.ts'
import { startGuardian } from './guardian.ts'
import { type Account, isImage, type Launch, type Launched, type Program } from './launch.ts'

export interface ServerCommand {
  /** Names the server in errors and in its folder. */
  readonly name: string
  readonly program: Program
  args(folder: string): readonly string[]
  env?(folder: string): Readonly<Record<string, string>>
  /** True once the server answers. */
  ready(): Promise<boolean>
  /** What is done once with a new folder, before the first start. */
  prepare?(folder: string): Promise<void>
  /** Whom the server runs as, where it refuses to run as root. */
  readonly user?: Account | undefined
  /** The signal that ends the server in good order. Default `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals
}

export interface Server {
  readonly folder: string
  /** Starts it again on the same folder. */
  start(): Promise<void>
  /** Ends it in good order; its data stay. */
  pause(): Promise<void>
  /** Ends it as a crash does; its data stay. */
  kill(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

/** Starts a server and waits until it answers. */
export async function startServer(command: ServerCommand): Promise<Server> {
  const { name, program, user, stopSignal = 'SIGTERM' } = command
  const folder = mkdtempSync(join(tmpdir(), `mcpvault-${name}-`))
  chmodSync(folder, 0o700)
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const guardian = startGuardian(folder)
  let running: Launched | undefined

  async function start(): Promise<void> {
    const launch = {
      args: command.args(folder),
      env: { HOME: folder, LC_ALL: 'C', ...command.env?.(folder) },
      user,
      folder,
      logPath: logPathIn(folder),
    }
    running = await launchProgram(program, launch)
    if (running.pid !== undefined) guardian.watch(running.pid)
    let failure: string | undefined
    void running.ended.then(({ how }) => {
      failure = `${how}:\n${logOf(folder)}`
    })
    try {
      await until(command.ready, { what: `The start of ${name}`, failed: () => failure })
    } catch (error) {
      await end('SIGKILL')
      throw error
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = running
    running = undefined
    await ending?.end(signal)
  }

  async function remove(): Promise<void> {
    await end('SIGKILL')
    // Processes of a server that was killed may write for a moment more.
    await rm(folder, { recursive: true, force: true, maxRetries: 20 })
    guardian.end()
  }

  try {
    await command.prepare?.(folder)
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, start, pause: () => end(stopSignal), kill: () => end('SIGKILL'), remove }
}

async function launchProgram(program: Program, launch: Launch): Promise<Launched> {
  return isImage(program) ? await startContainer(program, launch) : startChildProcess(program, launch)
}

function logPathIn(folder: string): string {
  return join(folder, 'server.log')
}

function logOf(folder: string): string {
  const path = logPathIn(folder)
  return existsSync(path) ? readFileSync(path, 'utf8').slice(-2_000) : ''
}
