// A place to work that leaves nothing behind: a temporary folder, and what must end before it goes.
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

/** @typedef {ReturnType<typeof openWorkshop>} Workshop */

/** Makes the folder, and clears up also when the process is told to end or nobody reads its output any more. */
export function openWorkshop() {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-demo-'))
  /** @type {(() => unknown)[]} */
  const endings = []
  /** @type {Promise<void> | undefined} */
  let closing

  const close = () => {
    closing ??= clearUp()
    return closing
  }

  async function clearUp() {
    for (const end of endings.reverse()) {
      try {
        await end()
      } catch (error) {
        process.exitCode = 1
        console.error('Clearing up:', error)
      }
    }
    removeFolder()
    for (const signal of signals) process.off(signal, onSignal)
    process.off('exit', removeFolder)
  }

  function removeFolder() {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** @param {number} code */
  function endWith(code) {
    close().finally(() => process.exit(code))
  }

  /** @param {NodeJS.Signals} signal */
  function onSignal(signal) {
    endWith(128 + constants.signals[signal])
  }

  /**
   * A reader who closes the pipe, as `head` does, has seen enough, and nothing failed.
   *
   * @param {NodeJS.ErrnoException} error
   */
  function onOutputError(error) {
    endWith(error.code === 'EPIPE' ? 0 : 1)
  }

  // For an end that nothing else here sees, such as an error that nobody caught.
  process.on('exit', removeFolder)
  for (const signal of signals) process.on(signal, onSignal)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError)
  return {
    path: (/** @type {string} */ name) => join(folder, name),
    /**
     * Registers what must end before the folder goes; the last one registered ends first. Throws when the end has
     * begun, so that nothing new is started then.
     *
     * @param {() => unknown} end
     */
    atEnd(end) {
      if (closing !== undefined) throw new Error('The demo was told to end.')
      endings.push(end)
    },
    isClosing: () => closing !== undefined,
    close,
  }
}

/** @type {readonly NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
