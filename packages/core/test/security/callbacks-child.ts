// What the process of the callbacks test does: a vault on which every callback fails, in the way that is asked for.

import { callSafely, heartbeat, warnOfPlainConnections } from '../../src/adapter/index.ts'
import {
  callbackSink,
  copyVault,
  createVault,
  generateKey,
  keyRing,
  loggerSink,
  memoryStore,
  type VaultOptions,
  type VaultStore,
} from '../../src/index.ts'
import { systemClock } from '../../src/time/index.ts'

const [mode] = process.argv.slice(2)
const called = new Set<string>()
const faults: string[] = []
process.on('unhandledRejection', (reason) => faults.push(`unhandled rejection: ${String(reason)}`))
process.on('uncaughtException', (error) => faults.push(`uncaught exception: ${String(error)}`))

/** A callback that fails, of whatever type it should be: its result is what plain JavaScript may return. */
function failing(name: string) {
  return (): Promise<never> => {
    called.add(name)
    const error = new Error(name)
    if (mode === 'throw') throw error
    const rejected = Promise.reject(error)
    if (mode === 'reject') return rejected
    rejected.catch(() => undefined)
    // A promise of another library's.
    return Object.assign(Object.create(null), Object.fromEntries([['then', rejected.then.bind(rejected)]]))
  }
}

const plain = memoryStore()
let uses = 0
const store: VaultStore = {
  ...plain,
  secrets: {
    ...plain.secrets,
    async touch() {
      uses += 1
      throw new Error('touch')
    },
  },
  watch(listener) {
    const end = plain.watch?.(listener)
    return () => {
      end?.()
      return failing('end of watch')()
    }
  },
}
const options: VaultOptions = {
  keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }),
  store,
  policy: { roles: { operator: [{ allow: ['operate', 'audit'] }] } },
  logger: { debug: failing('logger.debug'), warn: failing('logger.warn') },
  authorize: ({ secret }) => (secret?.name === 'refused' ? failing('authorize')() : true),
  audit: {
    onAlarm: failing('onAlarm'),
    onCheckpoint: failing('onCheckpoint'),
    sinks: [callbackSink(failing('callbackSink')), loggerSink({ info: failing('loggerSink') })],
  },
}
const vault = createVault(options)
plain.watch?.(failing('watch'))
const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
await scope.set('token', 'of alice')
const value = (await scope.get('token'))?.reveal()
const refused = await scope.set('refused', 'x').catch((error: { code: string }) => error.code)
const operator = vault.operator({ id: 'root', roles: ['operator'] })
const onProgress = failing('onProgress')
const { ok } = await operator.verifyAudit({ onProgress })
const census = await operator.census({ onProgress })
await operator.rewrap({ onProgress })
await operator.sweep({ onProgress })
const copied = await copyVault({ from: plain, to: memoryStore(), onProgress: failing('copy.onProgress') })
const erased = await operator.eraseOwner('alice', { trail: 'pseudonymise', onProgress })
await vault.close()
warnOfPlainConnections([{ host: 'db.example.com', isEncrypted: false }], {
  logger: { warn: failing('connections.logger') },
  fields: {},
})
callSafely(failing('callSafely'))
const clock = { ...systemClock, schedule: (task: () => void) => systemClock.schedule(task, 1) }
await new Promise<void>((resolve) => {
  const end = heartbeat({
    clock,
    ask: failing('heartbeat.ask'),
    onSilence: () => {
      setImmediate(() => {
        end()
        resolve()
      })
      return failing('heartbeat.onSilence')()
    },
  })
  // The timers of the vault do not keep a process alive.
  setTimeout(resolve, 5_000).unref()
  setImmediate(function wait() {
    if (!called.has('heartbeat.onSilence')) setImmediate(wait)
  })
})
// A rejection that nobody handles is reported after the microtasks of the tick in which it came.
await new Promise((resolve) => setImmediate(resolve))
const { dataKeys } = census
const { secrets } = erased
console.log(
  JSON.stringify({
    faults,
    called: [...called].sort(),
    value,
    refused,
    ok,
    dataKeys,
    copied: copied.secrets,
    secrets,
    uses,
  }),
)
