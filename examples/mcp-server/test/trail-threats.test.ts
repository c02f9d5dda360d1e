// Attacks on the audit trail by someone who writes the database: each is found, and where it is said.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditRow, type Checkpoint, createVault, keyFromFile, type VaultStore } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { describe, expect, it } from 'vitest'
import { openVault } from '../src/open-vault.mjs'
import { type VaultFolder, vaultFolder } from './support/vault-folder.ts'

const alicesIssues = { owner: 'alice', server: 'issues' }

describe('someone who rewrites the audit trail', () => {
  it.each([
    ['edits an event', (rows) => rows.map((row, at) => (at === 2 ? { ...row, body: altered(row.body) } : row)), 'mac'],
    ['deletes an event', (rows) => rows.filter((_, at) => at !== 2), 'gap'],
    ['swaps two events', ([a, b, c, d, ...rest]) => [a, b, d, c, ...rest].filter(isRow), 'gap'],
    ['adds an event', (rows) => rows.flatMap((row, at) => (at === 1 ? [row, { ...row, sequence: 2 }] : row)), 'mac'],
    ['edits a column', (rows) => rows.map((row, at) => (at === 2 ? renamed(row) : row)), 'columns'],
    ['cuts the end', (rows) => rows.slice(0, 2), 'truncated'],
  ] as const satisfies readonly (readonly [string, Rewrite, string])[])(
    'is found, with the place, when one %s',
    async (_what, rewrite, problem) => {
      const { longest, verifyWith } = await closedTrail()
      const report = await verifyWith(rewrite)
      expect(report).toMatchObject({ ok: false, problems: [{ problem, stream: longest, sequence: 2 }] })
    },
  )

  it('is found when one removes a whole stream', async () => {
    const { longest, verifyWith } = await closedTrail()
    const report = await verifyWith(() => [])
    expect(report.problems).toEqual([{ problem: 'missing-stream', stream: longest }])
  })

  it('is found when one puts back the whole database, but only with checkpoints kept elsewhere', async () => {
    const { folder, databasePath, keyPath, close } = await vaultFolder()
    await close()
    copyFileSync(databasePath, join(folder, 'old.db'))
    const kept: Checkpoint[] = []
    const store = sqliteStore({ path: databasePath })
    const onCheckpoint = (checkpoint: Checkpoint): void => void kept.push(checkpoint)
    const vault = createVault({ keys: keyFromFile(keyPath), store, audit: { onCheckpoint } })
    await vault.as({ id: 'mallory' }).scope(alicesIssues).get('token')
    await vault.close()
    store.close()
    copyFileSync(join(folder, 'old.db'), databasePath)

    const restored = openVault({ databasePath, keys: keyFromFile(keyPath) })
    const verifier = restored.vault.operator(restored.operator)
    expect(await verifier.verifyAudit()).toMatchObject({ ok: true })
    expect(await verifier.verifyAudit({ checkpoints: kept })).toMatchObject({
      ok: false,
      problems: [{ problem: 'missing-stream' }],
    })
    await restored.close()
  })
})

type Rewrite = (rows: readonly AuditRow[]) => readonly AuditRow[]

/** A trail whose writers have ended, and its verification through a store whose longest stream is rewritten. */
async function closedTrail() {
  const { vault, close, databasePath, keyPath, operator }: VaultFolder = await vaultFolder()
  const alice = vault.as({ id: 'alice' }).scope(alicesIssues)
  for (let read = 0; read < 5; read++) await alice.get('token')
  await close()
  const store = sqliteStore({ path: databasePath })
  const streams = await store.audit.streams({ limit: 100 })
  const longest = streams.reduce((a, b) => (b.lastSequence > a.lastSequence ? b : a)).stream
  return {
    longest,
    async verifyWith(rewrite: Rewrite) {
      const audit: VaultStore['audit'] = {
        ...store.audit,
        async readAll(options) {
          const rows = await store.audit.readAll(options)
          const first = rows.findIndex(({ stream }) => stream === longest)
          const rewritten = rewrite(rows.filter(({ stream }) => stream === longest))
          const others = rows.filter(({ stream }) => stream !== longest)
          return [...others.slice(0, first), ...rewritten, ...others.slice(first)]
        },
      }
      const policy = { roles: { operator: [{ allow: ['operate'] as const }] } }
      const verifier = createVault({ keys: keyFromFile(keyPath), store: { ...store, audit }, policy })
      try {
        return await verifier.operator(operator).verifyAudit()
      } finally {
        await verifier.close()
        store.close()
      }
    },
  }
}

function altered(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString('utf8')
  return Buffer.from(text.replace('"success":true', '"success":false'))
}

function renamed(row: AuditRow): AuditRow {
  return { ...row, columns: { ...row.columns, principal: 'mallory' } }
}

function isRow(row: AuditRow | undefined): row is AuditRow {
  return row !== undefined
}
