// Callbacks that fail: whatever a logger, an alarm, a hook or a listener does, the work goes on and the process lives.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { bundledChild } from './child.ts'

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
  const { folder, child } = await bundledChild(new URL('callbacks-child.ts', import.meta.url))
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
