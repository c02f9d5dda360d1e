// What Debian's package manager gives where it may be used: as root.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, runProgram } from '../run/program.ts'
import { servicesCache } from '../workspace.ts'
import { announced } from './announced.ts'
import { alone } from './install-once.ts'

/**
 * What `find` finds once the package is installed; undefined where that is not possible. The machine itself tells what is
 * there, since a folder that is kept between machines does not. The package's own service is not started.
 */
export async function fromDebian<T>(name: string, find: () => T | undefined): Promise<T | undefined> {
  const apt = findProgram('apt-get')
  if (apt === undefined || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  return await alone(join(servicesCache(), `debian-${name}`), async () => {
    const found = find()
    if (found !== undefined) return found
    await announced(`Debian's ${name}`, async () => {
      await runProgram(apt, ['update', '-qq'], { env })
      await runProgram(apt, ['install', '-y', '-qq', '--no-install-recommends', name], { env })
    })
    return find()
  })
}
