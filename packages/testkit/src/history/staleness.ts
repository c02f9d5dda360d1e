// How long a process goes on with a data key that another one destroyed: 5 seconds where the store notifies it, else the maximum age.
import { generateKey, isVaultError, type Vault } from '@mcpvault/core'
import { manualClock } from '@mcpvault/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { operatorPrincipal } from '../vaults/principals.ts'
import type { ProcessSetting } from './process-setting.ts'
import { shared, type VaultJobs, vaultOn } from './vault-jobs.ts'
import { type WorkerProcess, type WorkerProgram, workerProgram } from './worker-process.ts'

/** What a store that notifies of changes promises. */
const notifiedWithinMs = 5_000
/** What a vault promises by itself. */
const keySoftAgeMs = 300_000

/** Registers the tests for one store. */
export function stalenessSuite<Address>(name: string, setting: ProcessSetting<Address>): void {
  describe(`a data key that another process destroyed on ${name}`, () => {
    let program: WorkerProgram<VaultJobs<Address>>
    beforeAll(async () => {
      program = await workerProgram(setting.program)
    })
    afterAll(() => program.remove())

    if (setting.watch) {
      test('[A27] is used for 5 seconds at most where the store notifies of changes', async () => {
        await expectForgotten({ watch: true, withinMs: notifiedWithinMs, limits: {} })
      })
    }

    test('[A27] is used no longer than keys are cached where the store does not notify', async () => {
      await expectForgotten({ watch: false, withinMs: 1_000, limits: { keySoftAgeMs: 1_000 } })
    })

    test('[A27] is used for 5 minutes at most by default', async () => {
      const opened = await setting.open({ watch: false })
      const masterKey = generateKey()
      const clock = manualClock()
      const here = vaultOn(opened.store, { masterKey, clock })
      const there = vaultOn(opened.store, { masterKey })
      const scope = here.as(shared.principal).scope({ server: shared.server })
      await scope.set('first', 'value')
      await there.operator(operatorPrincipal).eraseOwner(shared.principal.id)
      clock.advance(keySoftAgeMs - 1)
      await scope.set('before', 'value')
      expect(await isReadable(there, 'before')).toBe(false)
      clock.advance(1)
      await scope.set('after', 'value')
      expect(await isReadable(there, 'after')).toBe(true)
      await here.close()
      await there.close()
      await opened.cleanup()
    })

    interface Bound {
      readonly watch: boolean
      readonly withinMs: number
      readonly limits: { readonly keySoftAgeMs?: number }
    }

    /** Another process holds a key; when the time limit after the erasure is over, what it writes can be read here. */
    async function expectForgotten({ watch, withinMs, limits }: Bound): Promise<void> {
      const { address, store, cleanup } = await setting.open({ watch })
      const masterKey = generateKey()
      const holder = program.start()
      await holder.run('hold', { address, masterKey, limits })
      const vault = vaultOn(store, { masterKey })
      await vault.operator(operatorPrincipal).eraseOwner(shared.principal.id)
      const sinceNs = process.hrtime.bigint()
      expect(await lastUnreadableMs(holder, { vault, sinceNs })).toBeLessThanOrEqual(withinMs)
      await holder.run('letGo', undefined)
      await holder.kill()
      await vault.close()
      await cleanup()
    }
  })
}

/** Lets a process write new secrets until one can be read here; how late it began one that cannot, or 0. */
async function lastUnreadableMs<Address>(
  holder: WorkerProcess<VaultJobs<Address>>,
  { vault, sinceNs }: { readonly vault: Vault; readonly sinceNs: bigint },
): Promise<number> {
  let lastMs = 0
  let tries = 0
  await eventually(async () => {
    tries += 1
    const name = `try-${tries}`
    const begunNs = await holder.run('set', { name })
    const isForgotten = await isReadable(vault, name)
    if (!isForgotten) lastMs = Number(begunNs - sinceNs) / 1e6
    expect(isForgotten).toBe(true)
  })
  return lastMs
}

/** Whether a value can be opened, rather than having been sealed with a key that is no more. */
export async function isReadable(vault: Vault, name: string): Promise<boolean> {
  try {
    return (await vault.as(shared.principal).scope({ server: shared.server }).get(name)) !== undefined
  } catch (error) {
    if (isVaultError(error, 'VAULT_KEY_UNKNOWN')) return false
    throw error
  }
}
