// A program that runs another with secrets, as `mcpvault run` does; bundled and started by tests.
import { readFileSync } from 'node:fs'
import { createVault, generateKey, keyRing, memoryStore, VaultError } from '@mcpvault/core'
import { type RunOptions, runWithSecrets } from '../../src/run/index.ts'
import type { RunSetup } from './run.ts'

const setup: RunSetup = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const store = memoryStore()
const owner = createVault({ keys, store })
for (const [path, value] of Object.entries(setup.secrets)) {
  const [server = '', name = ''] = path.split('/')
  await owner.as({ id: 'alice' }).scope({ server }).set(name, value)
}
await owner.close()

const find: typeof store.secrets.find = (...given) =>
  setup.fault === 'store' ? Promise.reject(new VaultError('VAULT_STORE_FAILED')) : store.secrets.find(...given)
const vault = createVault({
  keys,
  store: { ...store, secrets: { ...store.secrets, find } },
  authorize: ({ operation, secret }) => setup.fault !== `deny ${secret?.name}` || operation !== 'get',
})
const options: Omit<RunOptions, 'session'> = setup.options
const { exitCode } = await runWithSecrets({ ...options, session: vault.as({ id: 'alice' }) })
await vault.close()
process.exitCode = exitCode
