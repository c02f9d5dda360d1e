// Memory does not grow with the vault, whatever it is: writing, verifying or restoring an archive of it.
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { operatorPrincipal } from '@mcpvault/testkit/vaults'
import { expect, it, onTestFinished } from 'vitest'
import { archiveTo, fileSink, fileSource, restore, verifyBackup } from '../../src/backup/index.ts'
import type { SecretRef, StoredSecret, VaultStore } from '../../src/contracts/index.ts'
import { sealRecord, sealValue } from '../../src/envelope/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { keys, vaultOn } from './archives.ts'

const isLong = process.env['MCPVAULT_LONG'] === '1'
const secretCount = isLong ? 1_000_000 : 20_000
/** What the garbage collector does not see at once, and no more. */
const maxGrowthBytes = 8_000_000
const minutes = isLong ? 60 : 2

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** A vault of many secrets, each of which is made when it is read. */
async function endlessStore(count: number): Promise<VaultStore> {
  const store = memoryStore()
  const vault = vaultOn(store)
  await vault.as({ id: tokenRef.owner }).scope({ server: tokenRef.server }).set(tokenRef.name, 'x'.repeat(200))
  await vault.close()
  const template = await storedAt(store)
  const row = await store.dataKeys.active({ kind: 'values', owner: tokenRef.owner, server: tokenRef.server })
  const vaultId = await store.meta.read('vault-id')
  const wrap = row?.wraps[0]
  if (row === undefined || wrap === undefined || vaultId === undefined) throw new Error('The vault has no key.')
  const dek = createSecretKey(await keys.unwrap(wrap, { ...row.scope, vaultId }))
  const plaintext = Buffer.alloc(200, 'x')
  const refOf = (index: number): SecretRef => ({ ...tokenRef, name: `secret ${index}` })
  const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`

  function secretAt(index: number): StoredSecret {
    const ref = refOf(index)
    const context = { vaultId: vaultId ?? new Uint8Array(), ...ref, version: 1 }
    const envelope = sealValue({ dek, dekId: Buffer.from(template.dekId, 'hex'), context, plaintext })
    const versions = template.versions.map((version) => ({
      ...version,
      envelope,
      commitment: envelope.subarray(56, 88),
    }))
    const record = { ...template, id: idOf(index), ref, versions }
    return { ...record, mac: sealRecord({ dek, vaultId: context.vaultId, record }) }
  }

  const indexOf = (id: string): number => Number(id.slice(-12))
  return {
    ...store,
    secrets: {
      ...store.secrets,
      list({ limit, after }) {
        const newest = after === undefined ? count - 1 : indexOf(after.id) - 1
        const length = Math.max(0, Math.min(limit, newest + 1))
        return Array.from({ length }, (_, place) => ({
          ...template,
          id: idOf(newest - place),
          ref: refOf(newest - place),
        }))
      },
      find: (ref) => secretAt(Number(ref.name.slice('secret '.length))),
    },
  }
}

/** Notes the memory in use at every tenth of the way, after a collection of garbage. */
function memoryGauge() {
  let next = secretCount / 10
  const seen: number[] = []
  return {
    at(secrets: number) {
      if (secrets < next) return
      next += secretCount / 10
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      seen.push(heapUsed + arrayBuffers)
    },
    growth: () => Math.max(...seen) - (seen[0] ?? 0),
    readings: () => seen.length,
  }
}

it(
  `[T41][T42] stays flat over ${secretCount} secrets`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcpvault-memory-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'large.mcvault')
    const vault = vaultOn(await endlessStore(secretCount))
    const operator = vault.operator(operatorPrincipal)

    const writing = memoryGauge()
    const onProgress = ({ secrets }: { readonly secrets: number }) => writing.at(secrets)
    const { bytes, secrets } = await operator.backup({ to: archiveTo(fileSink(path)), onProgress })
    await vault.close()
    expect(secrets).toBe(secretCount)
    expect(bytes).toBeGreaterThan(secretCount * 700)

    const verifying = memoryGauge()
    const from = fileSource(path)
    const verified = await verifyBackup({ from, keys, onProgress: (progress) => verifying.at(progress.secrets) })
    expect(verified).toMatchObject({ ok: true, secrets: secretCount, versions: secretCount })

    const restoring = memoryGauge()
    const to = memoryStore()
    // A store that takes everything and keeps no secret.
    const sinkhole: VaultStore = { ...to, secrets: { ...to.secrets, put: () => true } }
    const restored = await restore({
      from,
      to: sinkhole,
      keys,
      onProgress: ({ step, secrets: done }) => step === 'restore' && restoring.at(done),
    })
    expect(restored.secrets).toBe(secretCount)
    for (const gauge of [writing, verifying, restoring]) {
      expect(gauge.readings()).toBe(10)
      expect(gauge.growth()).toBeLessThan(maxGrowthBytes)
    }
  },
  minutes * 60_000,
)
