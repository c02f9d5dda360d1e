// Callbacks that fail: whatever a logger, an alarm, a hook or a listener does, the work goes on and the process lives.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)

const callbacks = [
  'authorize',
  'callSafely',
  'callbackSink',
  'connections.logger',
  'copy.onProgress',
  'end of watch',
  'heartbeat.ask',
  'heartbeat.onSilence',
  'logger.debug',
  'logger.warn',
  'loggerSink',
  'onAlarm',
  'onCheckpoint',
  'onProgress',
  'watch',
]

it.each(['throw', 'reject', 'thenable'])('[S39] that %s change no result, and end no process', async (mode) => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-callbacks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const child = join(folder, 'child.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('callbacks-child.ts', import.meta.url))],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  const { stdout } = await run(process.execPath, [child, mode], { cwd: folder, timeout: 60_000 })
  expect(JSON.parse(stdout)).toEqual({
    faults: [],
    called: callbacks,
    value: 'of alice',
    refused: 'VAULT_ACCESS_DENIED',
    ok: true,
    dataKeys: 2,
    copied: 1,
    secrets: 1,
    uses: 1,
  })
})
