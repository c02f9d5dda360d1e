// Testcontainers and the container runtime behind it, looked for only when a container is wanted.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ContainerRuntimeClient } from 'testcontainers'
import { workspaceRoot } from '../workspace.ts'

type Testcontainers = typeof import('testcontainers')

/** Loads the library from the kit's own folder: the kit may be bundled, and the library, with its native parts, cannot be. */
export function loadTestcontainers(): Testcontainers {
  const load = createRequire(join(workspaceRoot(), 'packages', 'testkit', 'package.json'))
  const library: Testcontainers = load('testcontainers')
  return library
}

/** The runtime of this machine; undefined where none answers within the limit (default 5,000 ms). */
export async function findContainerRuntime({
  limitMs = 5_000,
}: {
  readonly limitMs?: number
} = {}): Promise<ContainerRuntimeClient | undefined> {
  const { getContainerRuntimeClient } = loadTestcontainers()
  // Rejects when no way to a runtime works.
  const found = getContainerRuntimeClient().catch(() => undefined)
  return await Promise.race([found, wait(limitMs, undefined, { ref: false })])
}
