// Gets the servers that tests and benches talk to, before they begin.
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './process.mjs'

const outfile = join(root, '.cache', 'prepare-services.mjs')
const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** Installs what is missing, and says what; a server that cannot be had is told of and left out. */
export async function prepareServices() {
  // An install that is interrupted ends its programs and gives back its lock as the process exits.
  /** @param {NodeJS.Signals} signal */
  const exit = (signal) => process.exit(128 + constants.signals[signal])
  for (const signal of signals) process.once(signal, exit)
  try {
    const kit = await loadKit()
    await kit.prepareServices()
    return 0
  } finally {
    for (const signal of signals) process.off(signal, exit)
  }
}

/** @returns {Promise<typeof import('../../packages/testkit/src/install/prepare-services.ts')>} */
async function loadKit() {
  // Loaded here, since nothing of the workspace is there before it is installed.
  const { build } = await import('esbuild')
  const entryPoints = [join(root, 'packages/testkit/src/install/prepare-services.ts')]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })
  return await import(pathToFileURL(outfile).href)
}
