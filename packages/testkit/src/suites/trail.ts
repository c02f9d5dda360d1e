// Someone who writes the database against the trail, on any store: verification finds it, and the log shows no forgery.
import {
  type AuditRow,
  createVault,
  generateKey,
  keyRing,
  memoryStore,
  type Vault,
  type VaultStore,
} from '@mcpvault/core'
import { expect, test } from 'vitest'
import { operatorPrincipal, testPolicy } from '../vaults/principals.ts'
import { type Attack, type AttackedTrail, attacks, type RawTrail } from './trail-attacks.ts'

/** A fresh store, and the database below it. */
export interface AttackedStore {
  readonly store: VaultStore
  readonly raw: RawTrail
  cleanup(): Promise<void>
}

export interface TrailSetting {
  open(): Promise<AttackedStore>
  /** What can be done to this database alone. */
  readonly own?: readonly Attack<AttackedTrail>[]
}

export function trailSuite({ name, setting }: { readonly name: string; readonly setting: TrailSetting }): void {
  test.each([...attacks, ...(setting.own ?? [])])(
    `[T47] on ${name}, is found, and never shown as an event, when one %s`,
    async (_, attack, expected) => {
      const opened = await setting.open()
      const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
      try {
        const rows = await writeTrail(createVault({ keys, store: opened.store, policy: testPolicy }), opened.store)
        const genuine = new Set(rows.map(identityOf))
        const trail = { ...opened.raw, store: opened.store, rows: longestOf(rows), foreign: await foreignRows() }
        await attack(trail)
        const streams = new Set([...rows, ...trail.foreign].map(({ stream }) => stream))
        const vault = createVault({ keys, store: opened.store, policy: testPolicy })
        try {
          for (const filter of [{}, { principal: 'alice' }, { principal: 'mallory' }]) {
            const { items } = await vault.as(operatorPrincipal).auditLog({ ...filter, limit: 1_000 })
            const shown = items.filter(({ stream, event }) => streams.has(stream) || event.principal !== 'mcpvault')
            const others = shown.filter(({ event }) => event.principal !== operatorPrincipal.id)
            expect(
              others.filter((item) => !genuine.has(`${item.stream} ${item.sequence} ${item.event.principal}`)),
            ).toEqual([])
            expect(new Set(items.map(placeOf)).size).toBe(items.length)
          }
          const report = await vault.operator(operatorPrincipal).verifyAudit()
          const problem = expected(trail)
          if (problem === undefined) expect(report.problems).toEqual([])
          else expect(report.problems).toContainEqual(expect.objectContaining(problem))
          expect(report.ok).toBe(problem === undefined)
        } finally {
          await vault.close()
        }
      } finally {
        await opened.cleanup()
      }
    },
  )
}

/** A vault that lives and ends. Gives all rows. */
async function writeTrail(vault: Vault, store: VaultStore): Promise<readonly AuditRow[]> {
  const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
  await alice.set('token', 'of alice')
  for (let read = 0; read < 4; read += 1) await alice.get('token')
  await vault.close()
  return await store.audit.readAll({ limit: 100 })
}

async function foreignRows(): Promise<readonly AuditRow[]> {
  const store = memoryStore()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  return await writeTrail(createVault({ keys, store }), store)
}

function longestOf(rows: readonly AuditRow[]): AttackedTrail['rows'] {
  const last = rows.reduce((a, b) => (b.sequence > a.sequence ? b : a))
  const [first, second, third, fourth, ...rest] = rows.filter(({ stream }) => stream === last.stream)
  if (first === undefined || second === undefined || third === undefined || fourth === undefined)
    throw new Error('The trail is too short.')
  return [first, second, third, fourth, ...rest]
}

function identityOf(row: AuditRow): string {
  return `${placeOf(row)} ${row.columns.principal}`
}

function placeOf({ stream, sequence }: { readonly stream: string; readonly sequence: number }): string {
  return `${stream} ${sequence}`
}
