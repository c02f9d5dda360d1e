// A server in a container, where a container runtime answers: the last way.

import type { ContainerImage } from '../install/container-image.ts'
import { accepts, loopback } from '../ports.ts'
import { until } from '../until.ts'
import { runProgram } from './program.ts'

export interface ContainerRun extends ContainerImage {
  readonly port: number
  readonly args?: readonly string[]
}

export interface Container {
  readonly port: number
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  remove(): Promise<void>
}

/** Runs an image with its port on the loopback interface. */
export async function startContainer({ runtime, image, port: inner, args = [] }: ContainerRun): Promise<Container> {
  const call = (...words: string[]): Promise<string> => runProgram(runtime, words)
  const id = (await call('run', '--detach', '--publish', `${loopback}::${inner}`, image, ...args)).trim()
  const mapped = (await call('port', id, `${inner}/tcp`)).trim()
  const port = Number(mapped.slice(mapped.lastIndexOf(':') + 1))
  const isUp = () => until(() => accepts({ host: loopback, port }), { what: `The start of ${image}` })
  await isUp()
  return {
    port,
    async start() {
      await call('start', id)
      await isUp()
    },
    stop: async () => void (await call('stop', id)),
    kill: async () => void (await call('kill', id)),
    remove: async () => void (await call('rm', '--force', id)),
  }
}
