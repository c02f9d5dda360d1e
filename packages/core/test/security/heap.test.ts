// A process that never calls reveal() has no value in its heap, in its output, or in a file.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writingIn } from '@mcpvault/testkit/canary'
import { expect, it } from 'vitest'
import { bundledChild } from './child.ts'

const run = promisify(execFile)
const canary = 'canary-of-the-heap-5Wd8RtUv3Ec'

/** Runs the child in a folder of its own, and gives everything that it leaves behind. */
async function remainsOf(mode: 'keep' | 'reveal') {
  const { folder, child } = await bundledChild(new URL('heap-child.ts', import.meta.url))
  writeFileSync(join(folder, 'value'), canary)
  writeFileSync(join(folder, 'marker'), 'marker')
  const env = { PATH: process.env['PATH'], TMPDIR: folder }
  const { stdout, stderr } = await run(process.execPath, [child, folder, mode], { cwd: folder, env })
  return {
    files: readdirSync(folder).sort(),
    output: stdout + stderr,
    heap: readFileSync(join(folder, 'heap.heapsnapshot')),
    trail: readFileSync(join(folder, 'audit.jsonl')),
  }
}

it('[A14][A20][A25][A33] no value is in the heap, the output or a file of a process that uses it', async () => {
  const { files, output, heap, trail } = await remainsOf('keep')
  expect(files).toEqual(['audit.jsonl', 'child.mjs', 'heap.heapsnapshot', 'marker', 'value'])
  expect(output).toContain('a value [secret] [secret] "[secret]"')
  expect(output).toContain('Vault operation')
  expect(heap.includes('mcpvault/1/payload')).toBe(true)
  for (const place of [output, heap, trail]) expect(writingIn(place, Buffer.from(canary))).toBeUndefined()
})

it('a value that reveal() made a string is in the heap, so that the search above means something', async () => {
  const { heap, output } = await remainsOf('reveal')
  expect(writingIn(heap, Buffer.from(canary))).toBe('raw')
  expect(writingIn(output, Buffer.from(canary))).toBeUndefined()
})
