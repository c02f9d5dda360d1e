// A server in a container that stands for a process of the machine: same network, same folder, same user.
import { createWriteStream, readFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { findContainerRuntime, loadTestcontainers } from './container-runtime.ts'
import { type Account, type ContainerImage, type Ending, type Launch, type Launched, stopLimitMs } from './launch.ts'

/** What a container printed comes a little later than its end. */
const logLimitMs = 2_000

/**
 * Starts a container. It uses the network of the machine, so that the server listens on the loopback interface alone, and
 * replicas and the nodes of a cluster reach each other. A container of killed tests is ended by Testcontainers.
 */
export async function startContainer(
  { image, entrypoint, capabilities = [] }: ContainerImage,
  { args, env, user = ownAccount(), folder, logPath }: Launch,
): Promise<Launched> {
  const runtime = await findContainerRuntime()
  if (runtime === undefined) throw new Error('No container runtime answers.')
  const { GenericContainer } = loadTestcontainers()
  let logged: Promise<unknown> = Promise.resolve()
  const planned = new GenericContainer(image)
    .withNetworkMode('host')
    .withBindMounts([{ source: folder, target: folder, mode: 'z' }])
    .withWorkingDir(folder)
    .withEnvironment({ ...env })
    .withCommand([...args])
    .withAddedCapabilities(...capabilities)
    .withLogConsumer((output) => {
      // Fails when the folder is gone before the last of the output has come.
      logged = pipeline(output, createWriteStream(logPath, { flags: 'a', mode: 0o600 })).catch(() => {})
    })
  if (entrypoint !== undefined) planned.withEntrypoint([entrypoint])
  if (user !== undefined) planned.withUser(`${user.uid}:${user.gid}`)
  const started = await planned.start()
  const container = runtime.container.getById(started.getId())
  const ended: Promise<Ending> = container.wait().then(
    async ({ StatusCode: code }: { readonly StatusCode: number }) => {
      await Promise.race([logged, wait(logLimitMs, undefined, { ref: false })])
      return { code, how: `it ended with ${code}` }
    },
    (error: unknown) => ({ how: `the container runtime lost it: ${String(error)}` }),
  )
  return {
    ended,
    async end(signal) {
      // Rejects when it has ended by itself.
      await container.kill({ signal }).catch(() => {})
      await Promise.race([ended, wait(stopLimitMs, undefined, { ref: false })])
      await container.remove({ force: true, v: true })
    },
  }
}

/** Runs a program of an image to its end. Rejects, with what it printed, when it fails. */
export async function runInContainer(image: ContainerImage, launch: Launch): Promise<void> {
  const { ended, end } = await startContainer(image, launch)
  const { code, how } = await ended
  await end('SIGKILL')
  if (code === 0) return
  throw new Error(`${image.entrypoint ?? image.image} failed: ${how}\n${readFileSync(launch.logPath, 'utf8')}`)
}

/** So that the tests can read and remove the files of the server. */
function ownAccount(): Account | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}
