// Where the servers come from: the ways to each, which install what is not there yet.
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { ContainerImage, Program } from '../run/launch.ts'
import { findProgram, runProgram } from '../run/program.ts'
import { type Found, firstWay } from '../ways.ts'
import { fetchedImage } from './container-image.ts'
import { fromDebian } from './debian.ts'
import { packagedPostgres, packagePrograms } from './python-packages.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

/** The folder with the server and its client programs, or an image. */
export function findPostgres(): Promise<Found<string | ContainerImage>> {
  const remedy =
    'Install PostgreSQL 15 or newer, Python 3.9 with venv or Docker, or set MCPVAULT_TEST_POSTGRES_URL to the address of a superuser.'
  return firstWay<string | ContainerImage>(
    { service: 'Postgres', remedy },
    {
      machine: postgresOfMachine,
      async package() {
        const folder = await packagedPostgres()
        // The server's own user may be kept out of the folder of the checkout.
        if (folder !== undefined)
          await runProgram(join(folder, 'postgres'), ['--version'], { user: await serverUser() })
        return folder
      },
      debian: () => fromDebian('postgresql', postgresOfMachine),
      // Its own start script makes the data folder.
      container: () => fetchedImage({ image: 'postgres:18' }),
    },
  )
}

/** Whom Postgres runs as: it refuses to run as root. */
export function serverUser(): ReturnType<typeof unprivilegedUser> {
  return unprivilegedUser('postgres')
}

/** The newest whole installation on the machine. */
export function postgresOfMachine(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const folders = existsSync(debian)
    ? readdirSync(debian)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(debian, version, 'bin'))
    : []
  const whole = [...folders, ...(process.env['PATH'] ?? '').split(delimiter)]
  return whole.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))))
}

export function findRedis(): Promise<Found<Program>> {
  const find = (): string | undefined => findProgram('redis-server')
  return firstWay<Program>(
    { service: 'Redis', remedy: 'Install redis-server 7 or newer or Docker, or set MCPVAULT_TEST_REDIS_URL.' },
    {
      machine: find,
      debian: () => fromDebian('redis-server', find),
      container: () => fetchedImage({ image: 'redis:8', entrypoint: 'redis-server' }),
    },
  )
}

export function findMongo(): Promise<Found<MongoProgram>> {
  const remedy = 'Install mongod 6 or newer, Python 3.9 with venv or Docker, or set MCPVAULT_TEST_MONGO_URL.'
  return firstWay<MongoProgram>(
    { service: 'MongoDB', remedy },
    {
      machine: () => programOf('mongod', findProgram('mongod')),
      package: async () => programOf('secantus', await packaged('mongo', 'secantusd-rs')),
      container: async () => programOf('mongod', await fetchedImage({ image: 'mongo:8', entrypoint: 'mongod' })),
    },
  )
}

export interface MongoProgram {
  readonly kind: 'mongod' | 'secantus'
  readonly program: Program
}

function programOf(kind: MongoProgram['kind'], program: Program | undefined): MongoProgram | undefined {
  return program === undefined ? undefined : { kind, program }
}

export function findBao(): Promise<Found<Program>> {
  const remedy =
    'Install OpenBao, Python 3.9 with venv or Docker, or set MCPVAULT_TEST_BAO_URL, with the token as its user name.'
  return firstWay<Program>(
    { service: 'OpenBao', remedy },
    {
      machine: () => findProgram('bao'),
      package: () => packaged('bao', 'bao'),
      // The program of the image may lock its memory, and does not start where it must not.
      container: () => fetchedImage({ image: 'openbao/openbao:2.7.2', entrypoint: 'bao', capabilities: ['IPC_LOCK'] }),
    },
  )
}

/** The KMS of moto, which nobody here wrote. */
export function findMoto(): Promise<Found<Program>> {
  const remedy = 'Install moto, Python 3.9 with venv or Docker, or set MCPVAULT_TEST_KMS_ENDPOINT.'
  return firstWay<Program>(
    { service: 'KMS', remedy },
    {
      machine: () => findProgram('moto_server'),
      package: () => packaged('moto', 'moto_server'),
      container: () => fetchedImage({ image: 'motoserver/moto:5.2.5', entrypoint: 'moto_server' }),
    },
  )
}

/** The browser, for tests of pages; none in a container, since its files and its ports would not be those of the tests. */
export function findChromium(): Promise<Found<string>> {
  const find = (): string | undefined =>
    ['chromium', 'chromium-browser', 'google-chrome'].map(findProgram).find((path) => path !== undefined)
  return firstWay<string>(
    { service: 'Chromium', remedy: 'Install Chromium or Chrome, or set MCPVAULT_TEST_CHROMIUM to the path of one.' },
    {
      url: () => process.env['MCPVAULT_TEST_CHROMIUM'],
      machine: find,
      debian: () => fromDebian('chromium', find),
    },
  )
}

async function packaged(name: 'mongo' | 'bao' | 'moto', program: string): Promise<string | undefined> {
  const folder = await packagePrograms(name)
  const path = folder === undefined ? undefined : join(folder, program)
  return path !== undefined && existsSync(path) ? path : undefined
}
