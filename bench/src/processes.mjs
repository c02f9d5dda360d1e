// Starts a task in a fresh process and waits for what it returns.
import { fork } from 'node:child_process'
import { join } from 'node:path'

const worker = join(import.meta.dirname, '..', 'worker.mjs')

/**
 * @typedef {object} Task
 * @property {string} task its name in the worker
 * @property {object} input anything that can be cloned
 * @property {string} [nodePath] the Node binary; the running one by default
 * @property {readonly string[]} [nodeOptions] further options of Node
 */

/**
 * @param {Task} request
 * @returns {Promise<any>} what the task returned
 */
export function runTask({ task, input, nodePath = process.execPath, nodeOptions = [] }) {
  const execArgv = ['--expose-gc', ...nodeOptions]
  const child = fork(worker, [], { execPath: nodePath, execArgv, serialization: 'advanced' })
  return new Promise((resolve, reject) => {
    /** @type {{ result: unknown } | undefined} */
    let answer
    child.on('message', (result) => {
      answer = { result }
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (answer === undefined) reject(new Error(`The task ${task} ended with code ${code} and no result.`))
      else resolve(answer.result)
    })
    child.send({ task, input })
  })
}
