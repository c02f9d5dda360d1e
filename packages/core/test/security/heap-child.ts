// What the process of the heap test does: uses a vault in every way but `reveal`, then writes its heap down.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeHeapSnapshot } from 'node:v8'
import { createVault, generateKey, jsonlSink, keyRing, memoryStore, type SecretValue } from '../../src/index.ts'

const [folder = '', mode] = process.argv.slice(2)
const print = (facts: unknown, message: string): void => console.error(message, facts)

const vault = createVault({
  keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }),
  store: memoryStore(),
  logger: { debug: print, warn: print },
  audit: { sinks: [jsonlSink({ path: join(folder, 'audit.jsonl') })] },
})
const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
for (const name of ['one', 'two']) {
  const value = readFileSync(join(folder, 'value'))
  await scope.set('token', value)
  value.fill(0)
  await scope.set(name, readFileSync(join(folder, 'marker')))
}
const held: SecretValue[] = []
for (const version of [1, 2]) {
  const value = await scope.get('token', { version })
  if (value !== undefined) held.push(value)
}
await scope.use('token', (bytes) => bytes.length)
await scope.restore('token', 1)
for (const value of (await scope.getAll()).values.values())
  console.log('a value', value, `${value}`, JSON.stringify(value))
console.log(await scope.list(), await scope.history('token'), await scope.describe('token'))
await scope.get('token', { minVersion: 99 }).catch((error: unknown) => console.error(error))
let revealed: string | undefined
if (mode === 'reveal') {
  await scope.set('text', readFileSync(join(folder, 'value'), 'utf8'))
  revealed = (await scope.get('text'))?.reveal()
}
writeHeapSnapshot(join(folder, 'heap.heapsnapshot'))
console.log(held.length, revealed?.length)
