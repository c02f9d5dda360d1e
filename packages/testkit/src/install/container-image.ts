// Images of servers, where a container runtime answers.
import { findContainerRuntime, loadTestcontainers } from '../run/container-runtime.ts'
import type { ContainerImage } from '../run/launch.ts'
import { announced } from './announced.ts'

/** The image, fetched where it is not there yet; undefined where no runtime answers. */
export async function fetchedImage(
  wanted: ContainerImage,
  findRuntime: () => ReturnType<typeof findContainerRuntime> = findContainerRuntime,
): Promise<ContainerImage | undefined> {
  const runtime = await findRuntime()
  if (runtime === undefined) return undefined
  const name = loadTestcontainers().ImageName.fromString(wanted.image)
  if (!(await runtime.image.exists(name))) {
    await announced(`the image ${wanted.image}`, () => runtime.image.pull(name))
  }
  return wanted
}
