// The campaign of kills: a process ends between any two commands, and the next run mends what it left.
import { createVault, type KeyProvider, type Vault, type VaultStore } from '@mcpvault/core'
import { describe, expect, test } from 'vitest'
import { concurrently } from '../concurrently.ts'
import { seeded, shuffled } from '../random.ts'
import { operatorPrincipal, testPolicy } from '../vaults/principals.ts'
import { expectRekeyed } from '../vaults/rekeyed.ts'
import { rotatingKeys } from '../vaults/rotating-keys.ts'
import { leaver, leaveTraces, tracesIn } from '../vaults/traces.ts'
import { isLong, longTest } from './extent.ts'
import type { Lifeline } from './lifeline.ts'

/** One database, as two processes reach it. */
export interface KillStage {
  /** That of the process that ends. */
  readonly ending: VaultStore
  readonly line: Lifeline
  /** That of every other process. */
  readonly plain: VaultStore
  close(): Promise<void>
}

export interface KillSetting {
  /** Makes a store that is migrated, empty, and shares nothing with the ones made before. */
  open(): Promise<KillStage>
  /** How many kills an erasure and a rekey get, which take long; with `MCPVAULT_LONG=1` one between any two of its commands. */
  readonly erasureKills: number
}

interface Script {
  readonly label: string
  /** What another process did before, under the old master key. */
  before?(vault: Vault): Promise<unknown>
  /** What the process does that ends, and what the next one does again. */
  work(vault: Vault): Promise<unknown>
  /** What holds then; the old master key is rewrapped and retired besides. */
  check(vault: Vault, store: VaultStore): Promise<void>
}

const tokenScope = { owner: 'alice', server: 'github' }
const tokens = (vault: Vault) => vault.as({ id: 'alice' }).scope({ server: 'github' })
const atOnce = 4
/** Those that send many commands. */
const longest: readonly string[] = ['a rekey', 'an erasure']

const scripts: readonly Script[] = [
  {
    label: 'the first data keys',
    work: (vault) => tokens(vault).set('token', 'kept'),
    check: async (vault) => expect((await tokens(vault).get('token'))?.reveal()).toBe('kept'),
  },
  {
    label: 'a rewrap',
    before: (vault) => tokens(vault).set('token', 'kept'),
    work: (vault) => vault.operator(operatorPrincipal).rewrap(),
    check: async (vault) => expect((await tokens(vault).get('token'))?.reveal()).toBe('kept'),
  },
  {
    label: 'a rekey',
    before: async (vault) => {
      for (const value of ['older', 'kept']) await tokens(vault).set('token', value)
    },
    work: (vault) => vault.operator(operatorPrincipal).rekey(tokenScope),
    async check(vault, store) {
      expect((await tokens(vault).get('token'))?.reveal()).toBe('kept')
      expect((await tokens(vault).get('token', { version: 1 }))?.reveal()).toBe('older')
      await expectRekeyed(store, tokenScope)
    },
  },
  {
    label: 'an erasure',
    before: leaveTraces,
    work: (vault) => vault.operator(operatorPrincipal).eraseOwner(leaver, { trail: 'pseudonymise' }),
    async check(vault, store) {
      expect((await tracesIn(store)).left).toEqual([])
      expect(await store.dataKeys.list({ owner: leaver, limit: 10 })).toEqual([])
      const bobs = vault.as({ id: 'bob' }).scope({ server: 'github' })
      expect((await bobs.get('left'))?.reveal()).toBe('2')
    },
  },
]

/** Registers the campaign on a store whose process ends. */
export function killSuite({ open, erasureKills }: KillSetting): void {
  describe('killed between two commands', longTest, () => {
    test.each(scripts)(
      '[S5][S39][N17] $label is mended by the next run, and the old key can be retired',
      async (script) => {
        const { commands } = await killOnce(open, script, Number.POSITIVE_INFINITY)
        expect(commands).toBeGreaterThan(3)
        const all = Array.from({ length: commands }, (_, index) => index)
        const chosen = isLong || !longest.includes(script.label) ? all : shuffled(all, seeded(1)).slice(0, erasureKills)
        let ended = 0
        await concurrently(chosen, atOnce, async (after) => {
          if ((await killOnce(open, script, after)).ended) ended += 1
        })
        // The number of commands differs a little from run to run.
        expect(ended).toBeGreaterThan(chosen.length / 2)
      },
    )
  })
}

async function killOnce(open: KillSetting['open'], script: Script, after: number) {
  const stage = await open()
  const { line, plain } = stage
  const about = `${script.label}, killed after ${after} commands`
  try {
    const keys = rotatingKeys()
    const vaultOn = (store: VaultStore, provider: KeyProvider): Vault =>
      createVault({ store, keys: provider, policy: testPolicy })
    if (script.before !== undefined) {
      const before = vaultOn(plain, keys.provider)
      await script.before(before)
      await before.close()
      keys.rotate()
    }
    line.endAfter(after)
    const failure = await script.work(vaultOn(stage.ending, keys.provider)).then(() => undefined, errorOf)
    const commands = line.commands()
    expect(failure !== undefined, `${about}: ${String(failure)}`).toBe(line.isEnded())

    const next = vaultOn(plain, keys.provider)
    await script.work(next)
    keys.rotate()
    await checkRetired(next, about)
    await next.close()
    const last = vaultOn(plain, keys.newRing)
    await script.check(last, plain)
    expect(await last.operator(operatorPrincipal).verifyAudit(), about).toMatchObject({ ok: true })
    await last.close()
    return { commands, ended: line.isEnded() }
  } finally {
    await stage.close()
  }
}

async function checkRetired(vault: Vault, about: string): Promise<void> {
  const operator = vault.operator(operatorPrincipal)
  expect((await operator.rewrap()).quarantined, about).toEqual([])
  await operator.assertRetirable('main#1')
}

function errorOf(error: unknown): unknown {
  return error
}
