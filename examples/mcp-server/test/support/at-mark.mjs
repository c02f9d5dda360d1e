// Loaded into the demo before it starts: when it prints a mark, it sends itself a signal, or waits for a file.
import { existsSync } from 'node:fs'

const { DEMO_TEST_MARK: mark = '', DEMO_TEST_SIGNAL: signal, DEMO_TEST_FILE: file } = process.env
const write = process.stdout.write.bind(process.stdout)
const cell = new Int32Array(new SharedArrayBuffer(4))
let isSeen = false

process.stdout.write = (/** @type {string | Uint8Array} */ text) => {
  const result = write(text)
  if (!isSeen && `${text}`.includes(mark)) {
    isSeen = true
    if (signal !== undefined) process.kill(process.pid, signal)
    // The story stands still meanwhile, at most for 30 s.
    if (file !== undefined) for (let step = 0; step < 3_000 && !existsSync(file); step++) Atomics.wait(cell, 0, 0, 10)
  }
  return result
}
