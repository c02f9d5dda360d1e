// A server in a container is started, crashes and ends as one of the machine does.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fetchedImage } from '../src/install/container-image.ts'
import { accepts, freePort, loopback } from '../src/ports.ts'
import { runInContainer } from '../src/run/container.ts'
import { startServer } from '../src/run/server.ts'
import { type DockerDaemon, startDockerDaemon } from './support/docker-daemon.ts'

const image = { image: 'server:1', entrypoint: process.execPath }

/** Listens, counts its starts in a file, and says in another that it ended in good order. */
const program = `
  const fs = require('node:fs')
  fs.appendFileSync('starts', '.')
  process.once('SIGTERM', () => { fs.writeFileSync('ended', ''); process.exit(0) })
  require('node:net').createServer().listen(Number(process.argv[1]), '${loopback}')`

describe('a container', () => {
  let folder: string
  let daemon: DockerDaemon
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcpvault-docker-'))
    daemon = await startDockerDaemon(folder)
    vi.stubEnv('DOCKER_HOST', daemon.url)
    vi.stubEnv('TESTCONTAINERS_RYUK_DISABLED', 'true')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await daemon.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is of an image that is fetched once', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    expect(await fetchedImage(image)).toBe(image)
    expect([...daemon.images]).toEqual(['server:1'])
    expect(told).toHaveBeenCalledTimes(2)
    await fetchedImage(image)
    expect(told).toHaveBeenCalledTimes(2)
  })

  it('keeps its folder over a crash and a pause, and is gone with it afterwards', async () => {
    const at = { host: loopback, port: await freePort() }
    const args = () => ['-e', program, String(at.port)]
    const server = await startServer({ name: 'container', program: image, args, ready: () => accepts(at) })
    const starts = (): string => readFileSync(join(server.folder, 'starts'), 'utf8')
    await server.kill()
    expect(await accepts(at)).toBe(false)
    await server.start()
    expect(starts()).toBe('..')
    expect(existsSync(join(server.folder, 'ended'))).toBe(false)
    await server.pause()
    expect(existsSync(join(server.folder, 'ended'))).toBe(true)
    await server.start()
    expect(starts()).toBe('...')
    await server.remove()
    expect(await accepts(at)).toBe(false)
    expect(existsSync(server.folder)).toBe(false)
    expect(daemon.containers()).toBe(0)
  })

  it('has the network, the folder and the user of the tests', async () => {
    const request = daemon.requests.at(-1)
    const [bound] = request?.HostConfig.Binds ?? []
    expect(request?.HostConfig.NetworkMode).toBe('host')
    expect(bound).toBe(`${request?.WorkingDir}:${request?.WorkingDir}:z`)
    expect(request?.Env).toContain(`HOME=${request?.WorkingDir}`)
    expect(request?.User).toBe(`${process.getuid?.()}:${process.getgid?.()}`)
  })

  it('that ends at its start is an error with what it printed', async () => {
    const args = () => ['-e', `console.log('broken'); process.exitCode = 3`]
    const start = startServer({ name: 'container', program: image, args, ready: async () => false })
    await expect(start).rejects.toThrow(/The start of container: it ended with 3:\nbroken/)
    expect(daemon.containers()).toBe(0)
  })

  it('runs a program to its end, which fails with what it printed', async () => {
    const launch = { env: {}, folder, logPath: join(folder, 'log') }
    writeFileSync(join(folder, 'given'), 'text')
    await runInContainer(image, { ...launch, args: ['-e', `require('node:fs').renameSync('given', 'taken')`] })
    expect(readFileSync(join(folder, 'taken'), 'utf8')).toBe('text')
    const failing = runInContainer(image, { ...launch, args: ['-e', `console.log('why'); process.exitCode = 4`] })
    await expect(failing).rejects.toThrow(/it ended with 4\nwhy/)
    expect(daemon.containers()).toBe(0)
  })
})
