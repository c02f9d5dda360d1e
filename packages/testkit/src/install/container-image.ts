// Images of a container runtime, where one answers.
import { findProgram, runProgram } from '../run/program.ts'
import { announced } from './announced.ts'

export interface ContainerImage {
  /** The path of the runtime's program. */
  readonly runtime: string
  readonly image: string
}

/** The image, fetched where it is not there yet; undefined where no runtime answers. */
export async function fetchedImage(image: string): Promise<ContainerImage | undefined> {
  const runtime = findProgram('docker')
  if (runtime === undefined || !(await succeeds(runtime, ['info']))) return undefined
  if (!(await succeeds(runtime, ['image', 'inspect', image]))) {
    await announced(`the image ${image}`, async () => void (await runProgram(runtime, ['pull', '--quiet', image])))
  }
  return { runtime, image }
}

async function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  try {
    await runProgram(file, args)
    return true
  } catch {
    return false
  }
}
