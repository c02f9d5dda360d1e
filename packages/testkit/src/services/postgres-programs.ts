// The programs of Postgres, from a folder of the machine or from an image.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runInContainer } from '../run/container.ts'
import { type Account, type ContainerImage, isImage } from '../run/launch.ts'
import { findProgram, runProgram } from '../run/program.ts'
import type { ServerCommand } from '../run/server.ts'
import { serviceMissing } from '../service-missing.ts'

/** The folder of the programs, or an image. */
export type PostgresPrograms = string | ContainerImage

export const superuser = 'postgres'

/** In the folder of a server. */
export function dataIn(folder: string): string {
  return join(folder, 'data')
}

/** How the server is started. An image has a start script, which makes the data folder, by a socket in the container. */
export function serverOf(programs: PostgresPrograms): Pick<ServerCommand, 'program' | 'env'> {
  if (!isImage(programs)) return { program: join(programs, 'postgres') }
  return {
    program: programs,
    env: (folder) => ({
      PGDATA: dataIn(folder),
      POSTGRES_USER: superuser,
      POSTGRES_HOST_AUTH_METHOD: 'trust',
      POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C --no-sync',
    }),
  }
}

/** Where a program works, and as whom. */
export interface Workplace {
  readonly folder: string
  readonly user: Account | undefined
}

/** Makes an empty data folder. */
export async function initialiseData(programs: PostgresPrograms, { folder, user }: Workplace): Promise<void> {
  if (isImage(programs)) return
  const args = ['-D', dataIn(folder), '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  await runProgram(join(programs, 'initdb'), args, { user, env: { LC_ALL: 'C' } })
}

export interface Source {
  readonly host: string
  readonly port: number
}

/** Copies the data of a server that runs, for a replica of it. */
export async function copyData(
  programs: PostgresPrograms,
  { folder, user, host, port }: Workplace & Source,
): Promise<void> {
  const from = ['-h', host, '-p', String(port), '-U', superuser]
  const args = [...from, '-D', dataIn(folder), '-R', '-c', 'fast', '-X', 'stream', '--no-sync']
  if (!isImage(programs)) {
    await runProgram(postgresTool(programs, 'pg_basebackup'), args, { user })
    return
  }
  const logPath = join(folder, 'copy.log')
  const launch = { args, env: { HOME: folder, LC_ALL: 'C' }, user, folder, logPath }
  await runInContainer({ ...programs, entrypoint: 'pg_basebackup' }, launch)
}

/**
 * The path of a client program: the one beside the server, since an older one refuses a newer server, else one of the
 * machine.
 */
export function postgresTool(programs: PostgresPrograms | undefined, name: string): string {
  const path = typeof programs === 'string' ? join(programs, name) : undefined
  const found = path !== undefined && existsSync(path) ? path : findProgram(name)
  if (found === undefined) throw serviceMissing({ service: name, remedy: 'Install the client programs of PostgreSQL.' })
  return found
}
