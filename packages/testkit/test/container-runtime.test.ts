// Where no container runtime answers, the next way is taken, and soon.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { fetchedImage } from '../src/install/container-image.ts'
import { loopback } from '../src/ports.ts'
import { findContainerRuntime } from '../src/run/container-runtime.ts'
import { firstWay } from '../src/ways.ts'

afterEach(() => vi.unstubAllEnvs())

it('a runtime that accepts connections and never answers is none', async () => {
  const silent = createServer(() => {})
  silent.listen(0, loopback)
  await once(silent, 'listening')
  const address = silent.address()
  const connected = once(silent, 'connection')
  vi.stubEnv('DOCKER_HOST', `tcp://${loopback}:${typeof address === 'object' ? address?.port : ''}`)
  expect(await findContainerRuntime({ limitMs: 300 })).toBeUndefined()
  const [socket] = await connected
  socket.destroy()
  silent.close()
})

it('without a runtime a container gives nothing, so that the search for a server ends in its remedy', async () => {
  vi.stubEnv('MCPVAULT_TEST_WAYS', undefined)
  const container = () => fetchedImage({ image: 'server:1' }, async () => undefined)
  expect(await container()).toBeUndefined()
  await expect(firstWay({ service: 'Anything', remedy: 'Install it.' }, { container })).rejects.toMatchObject({
    service: 'Anything',
    message: 'Anything could not be found, installed or run in a container. Install it.',
  })
})
