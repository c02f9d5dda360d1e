// Where the programs of each service are, installed where they are not there yet.
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findProgram, runProgram } from '../run/program.ts'
import { type Found, firstWay } from '../ways.ts'
import { type ContainerImage, fetchedImage } from './container-image.ts'
import { fromDebian } from './debian.ts'
import { packagedPostgres, packagePrograms } from './python-packages.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

/** The folder with the server and its client programs. */
export function findPostgres(): Promise<Found<string>> {
  const remedy =
    'Install PostgreSQL 15 or newer or Python 3.9 with venv, or set MCPVAULT_TEST_POSTGRES_URL to the address of a superuser.'
  return firstWay(
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

/** The path of the program, or the image of a container. */
export function findRedis(): Promise<Found<string | ContainerImage>> {
  const find = (): string | undefined => findProgram('redis-server')
  return firstWay<string | ContainerImage>(
    { service: 'Redis', remedy: 'Install redis-server 7 or newer, or set MCPVAULT_TEST_REDIS_URL.' },
    { machine: find, debian: () => fromDebian('redis-server', find), container: () => fetchedImage('redis:7') },
  )
}

export function findMongo(): Promise<Found<MongoProgram>> {
  const remedy = 'Install mongod 6 or newer or Python 3.9 with venv, or set MCPVAULT_TEST_MONGO_URL.'
  return firstWay<MongoProgram>(
    { service: 'MongoDB', remedy },
    {
      machine: () => programOf('mongod', findProgram('mongod')),
      package: async () => programOf('secantus', await packaged('mongo', 'secantusd-rs')),
    },
  )
}

export interface MongoProgram {
  readonly kind: 'mongod' | 'secantus'
  readonly file: string
}

function programOf(kind: MongoProgram['kind'], file: string | undefined): MongoProgram | undefined {
  return file === undefined ? undefined : { kind, file }
}

export function findBao(): Promise<Found<string>> {
  const remedy =
    'Install OpenBao or Python 3.9 with venv, or set MCPVAULT_TEST_BAO_URL, with the token as its user name.'
  return firstWay(
    { service: 'OpenBao', remedy },
    { machine: () => findProgram('bao'), package: () => packaged('bao', 'bao') },
  )
}

async function packaged(name: 'mongo' | 'bao', program: string): Promise<string | undefined> {
  const folder = await packagePrograms(name)
  const path = folder === undefined ? undefined : join(folder, program)
  return path !== undefined && existsSync(path) ? path : undefined
}
