// Starts child processes: exit codes as a shell gives them, signals passed on.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'

/** The root of the repository. */
export const root = join(import.meta.dirname, '..', '..')

/** The one pnpm version of the workspace, fetched by npx where it is not cached. */
const pnpmSpec = 'pnpm@10.34.9'

/** @typedef {readonly [file: string, ...args: string[]]} Command */

/**
 * Runs a command in the root of the repository with this terminal.
 *
 * @param {Command} command
 * @returns {Promise<number>} its exit code; 128 + n when signal n ended it
 */
export async function run(command) {
  const { code } = await start(command, 'inherit')
  return code
}

/**
 * Runs a command and keeps what it prints, for commands that matter only when they fail.
 *
 * @param {Command} command
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function capture(command, environment = process.env) {
  return await start(command, 'pipe', environment)
}

/**
 * Runs a command whose output goes to the end of a file.
 *
 * @param {string} path
 * @param {{ command: Command, environment: NodeJS.ProcessEnv }} what
 * @returns {Promise<number>} its exit code
 */
export async function runInto(path, { command, environment }) {
  const file = openSync(path, 'a')
  try {
    const { code } = await start(command, file, environment)
    return code
  } finally {
    closeSync(file)
  }
}

/** @param {string[]} args @returns {Command} */
export function node(...args) {
  return [process.execPath, ...args]
}

/** @param {string[]} args @returns {Command} */
export function pnpm(...args) {
  return ['npx', '--yes', pnpmSpec, ...args]
}

/**
 * @param {string} nodePath the Node binary to run under
 * @param {string[]} args
 * @returns {Command}
 */
export function vitest(nodePath, ...args) {
  return [nodePath, 'node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.workspace.ts', ...args]
}

/**
 * @param {Command} command
 * @param {'inherit' | 'pipe' | number} stdio a number is an open file
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, output: string }>}
 */
function start([file, ...args], stdio, env = process.env) {
  const child = spawn(file, args, { cwd: root, env, stdio: ['inherit', stdio, stdio] })
  /** @type {Buffer[]} */
  const chunks = []
  child.stdout?.on('data', (chunk) => chunks.push(chunk))
  child.stderr?.on('data', (chunk) => chunks.push(chunk))
  /** @type {NodeJS.Signals | null} */
  let received = null
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    received = signal
    child.kill(signal)
  }
  process.on('SIGINT', forward).on('SIGTERM', forward)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward)
      // The child may take a signal for a reason to finish early and well; this program must go no further.
      if (received !== null) process.exit(exitCodeOf(received))
      const output = Buffer.concat(chunks).toString('utf8')
      resolve({ code: code ?? (signal === null ? 1 : exitCodeOf(signal)), output })
    })
  })
}

/** @param {NodeJS.Signals} signal */
function exitCodeOf(signal) {
  return 128 + constants.signals[signal]
}
