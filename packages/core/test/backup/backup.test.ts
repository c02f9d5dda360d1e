// Backups: everything goes into an archive and comes back out of it, also while the vault is in use.
import { storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { operatorPrincipal, testPolicy } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { archiveTo, restore, verifyBackup } from '../../src/backup/index.ts'
import type { BackupCounts, VaultStore } from '../../src/contracts/index.ts'
import { createVault } from '../../src/create-vault.ts'
import { isVaultError } from '../../src/errors/index.ts'
import {
  generateKey,
  keyRing,
  multiProvider,
  recoveryKey,
  recoveryOpener,
  recoveryRecipient,
} from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { recordingStore } from '../../src/testing/index.ts'
import { copyVault } from '../../src/transfer/copy-vault.ts'
import { archived, keys, livedIn, memorySink, sourceOf, vaultOn } from './archives.ts'

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => (isVaultError(error) ? error.code : error),
  )

describe('a backup', () => {
  it('[A38] has all of the vault, which comes back in an empty store', async () => {
    const from = await livedIn()
    const { bytes, report } = await archived(from)
    const to = memoryStore()
    const restored = await restore({ from: sourceOf(bytes), to, keys })
    expect(report).toMatchObject({
      secrets: 3,
      unreadable: [],
      unreadableCount: 0,
      failedSinks: [],
      keyIds: ['main#1'],
    })
    expect(report.bytes).toBe(bytes.length)
    expect(restored).toMatchObject({
      id: report.id,
      secrets: 3,
      kept: [],
      erased: [],
      forkedStreams: [],
      keyIds: ['main#1'],
    })
    expect(await storedAt(to)).toEqual(await storedAt(from))
    // All that the source had when it was archived: the close of the vault and the restore have added events since.
    expect(restored).toMatchObject({ auditRows: report.auditRows, checkpoints: report.checkpoints })

    const vault = vaultOn(to)
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    expect((await alice.get('token'))?.reveal()).toBe('token 2')
    expect((await alice.get('token', { version: 1 }))?.reveal()).toBe('token 1')
    expect(await alice.use('bytes', (value) => [...value])).toEqual([1, 2, 2])
    const shared = vault.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' })
    expect((await shared.get('token'))?.reveal()).toBe('token 2')
    expect((await alice.set('token', 'token 3')).version).toBe(3)
    expect((await vault.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
    await vault.close()
  })

  it('[T42] is tested by opening every version of every record, into memory', async () => {
    const { bytes, report } = await archived(await livedIn())
    const into = memoryStore()
    const seen: BackupCounts[] = []
    const verified = await verifyBackup({ from: sourceOf(bytes), keys, into, onProgress: (each) => seen.push(each) })
    expect(verified).toMatchObject({
      ok: true,
      id: report.id,
      createdAt: report.createdAt,
      keyIds: ['main#1'],
      secrets: 3,
      versions: 6,
      dataKeys: report.dataKeys,
      auditRows: report.auditRows,
      checkpoints: report.checkpoints,
      problems: [],
    })
    expect(verified.audit).toMatchObject({ ok: true, events: report.auditRows, checkpoints: report.checkpoints })
    expect(seen.at(-1)).toMatchObject({ secrets: 3, auditRows: report.auditRows })
    const alice = vaultOn(into).as({ id: 'alice' }).scope({ server: 'github' })
    expect((await alice.get('token'))?.reveal()).toBe('token 2')
  })

  it('[T42] that has a record which does not open says which, and never a value', async () => {
    const store = await livedIn()
    const token = await storedAt(store)
    const find: VaultStore['secrets']['find'] = async (ref, versions) => {
      const found = await store.secrets.find(ref, versions)
      if (found === undefined || ref.server !== 'github') return found
      const [first, ...rest] = found.versions
      if (ref.name === 'bytes') return { ...found, tags: ['forged'] }
      const moved = first && { ...first, envelope: rest[0]?.envelope ?? new Uint8Array() }
      return moved === undefined ? found : { ...found, versions: [moved, ...rest] }
    }
    const { bytes } = await archived({ ...store, secrets: { ...store.secrets, find } })
    const { ok, problems, versions } = await verifyBackup({ from: sourceOf(bytes), keys })
    expect(ok).toBe(false)
    expect(versions).toBe(3)
    expect(problems).toEqual([
      { owner: 'alice', server: 'github', name: 'bytes', code: 'VAULT_OPEN_FAILED' },
      { ...tokenRef, version: token.versions[0]?.version, code: 'VAULT_OPEN_FAILED' },
    ])
  })

  it('[T42] is tested into no store of another vault', async () => {
    const { bytes } = await archived(await livedIn())
    const verifying = verifyBackup({ from: sourceOf(bytes), keys, into: await livedIn() })
    await expect(verifying).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'into' })
  })

  it('is made by operators only, and the trail says who made it', async () => {
    const store = await livedIn()
    const vault = vaultOn(store)
    const sink = memorySink()
    expect(await codeOf(vault.operator({ id: 'mallory' }).backup({ to: archiveTo(sink) }))).toBe('VAULT_ACCESS_DENIED')
    expect(sink.bytes()).toHaveLength(0)
    const { secrets } = await vault.operator(operatorPrincipal).backup({ to: archiveTo(sink) })
    const events = (await vault.as(operatorPrincipal).auditLog({ actions: ['backup.created'] })).items
    expect(events).toMatchObject([
      {
        event: {
          principal: operatorPrincipal.id,
          outcome: 'allowed',
          operation: 'backup',
          count: secrets,
          keyId: 'main#1',
        },
      },
      { event: { principal: 'mallory', outcome: 'denied' } },
    ])
    await vault.close()
  })

  it('reads the store and changes nothing but what the vault keeps of archives, its trail and a lock', async () => {
    const store = recordingStore(await livedIn())
    await archived(store)
    const writes = store.calls.filter((name) => !/\.(read|find|active|list|readAll|streams|checkpoints)$/.test(name))
    expect([...new Set(writes)].sort()).toEqual([
      'audit.append',
      'audit.putCheckpoint',
      'locks.acquire',
      'locks.release',
      'meta.insertOnce',
    ])
  })

  it('takes each record with the data key that opens it, while the vault is in use', async () => {
    const store = memoryStore()
    const vault = vaultOn(store)
    for (let index = 0; index < 40; index++)
      await vault
        .as({ id: `user ${index}` })
        .scope()
        .set('token', 'a')
    const met: string[] = []
    const busy: VaultStore = {
      ...store,
      secrets: {
        ...store.secrets,
        async find(ref, versions) {
          const found = await store.secrets.find(ref, versions)
          if (met.includes(ref.owner)) return found
          const turn = met.push(ref.owner)
          // Between the read of a record and that of its key the owner is rekeyed, erased, or writes again.
          const owner = vault.as({ id: ref.owner }).scope()
          if (turn % 4 === 1) await vault.operator(operatorPrincipal).eraseOwner(ref.owner)
          if (turn % 4 === 2) await owner.set('token', 'b')
          if (turn % 4 === 3) await owner.set(`new ${turn}`, 'c')
          return found
        },
      },
    }
    const { bytes } = await archived(busy)
    await vault.close()
    const { problems, secrets, audit } = await verifyBackup({ from: sourceOf(bytes), keys })
    expect(problems).toEqual([])
    expect(audit?.problems).toEqual([])
    expect(secrets).toBe(30)
  })

  it('leaves out what the store cannot read, and says what', async () => {
    const store = await livedIn()
    const token = await storedAt(store)
    const blank = { ...token, mac: new Uint8Array(), versions: [], isDamaged: true } as const
    const find: VaultStore['secrets']['find'] = async (ref, versions) =>
      ref.name === 'token' ? blank : store.secrets.find(ref, versions)
    const readAll: VaultStore['audit']['readAll'] = async (options) => {
      const rows = await store.audit.readAll(options)
      return rows.map((row) => (row.columns.action === 'secret.shared' ? { ...row, sequence: Number.NaN } : row))
    }
    const list: VaultStore['dataKeys']['list'] = async (query) =>
      (await store.dataKeys.list(query)).map((row) => (row.scope.owner === 'bob' ? { ...row, wraps: [] } : row))
    const { bytes, report } = await archived({
      ...store,
      secrets: { ...store.secrets, find },
      audit: { ...store.audit, readAll },
      dataKeys: { ...store.dataKeys, list },
    })
    expect(report.unreadable).toContainEqual({ kind: 'secret', ...tokenRef })
    expect(report.unreadable).toContainEqual(expect.objectContaining({ kind: 'dataKey', owner: 'bob' }))
    expect(report.unreadable).toContainEqual(expect.objectContaining({ kind: 'auditRow' }))
    expect(report.unreadableCount).toBe(report.unreadable.length)
    expect(await verifyBackup({ from: sourceOf(bytes), keys })).toMatchObject({ secrets: 2, problems: [] })
  })

  it('ends with the reason of its signal, and leaves no archive', async () => {
    const vault = vaultOn(await livedIn())
    const controller = new AbortController()
    const reason = new Error('enough')
    const sink = memorySink()
    const backup = vault.operator(operatorPrincipal).backup({
      to: archiveTo(sink),
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await expect(backup).rejects.toBe(reason)
    expect(sink.state).toBe('aborted')
    expect((await vault.operator(operatorPrincipal).census()).archives).toBe(0)
    await vault.close()
  })

  it('of a vault without an audit trail is one too', async () => {
    const store = memoryStore()
    const vault = createVault({ keys, store, policy: testPolicy, audit: { mode: 'dangerously-off' } })
    await vault.as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'x')
    const sink = memorySink()
    await vault.operator(operatorPrincipal).backup({ to: archiveTo(sink) })
    const verified = await verifyBackup({ from: sourceOf(sink.bytes()), keys })
    expect(verified).toMatchObject({ ok: true, secrets: 1, auditRows: 0, audit: undefined })
    expect(await restore({ from: sourceOf(sink.bytes()), to: memoryStore(), keys })).toMatchObject({ secrets: 1 })
  })

  it('of one that was copied to another store is told apart from the copy by its events alone', async () => {
    const from = await livedIn()
    const to = memoryStore()
    await copyVault({ from, to })
    const { bytes } = await archived(from)
    const restored = memoryStore()
    await restore({ from: sourceOf(bytes), to: restored, keys })
    const plain = async (store: VaultStore) => [
      await store.secrets.list({ limit: 10 }),
      await store.dataKeys.list({ limit: 10 }),
      await store.meta.read('vault-id'),
      await store.meta.read('kek/main#1'),
      await store.meta.read('kek-seen/main#1'),
    ]
    expect(await plain(restored)).toEqual(await plain(to))
  })
})

describe('a recovery key', () => {
  it('[N18] opens an archive when the master key is lost', async () => {
    const { publicKey, privateKey } = recoveryKey()
    const provider = multiProvider({ primary: keys, recovery: [recoveryRecipient(publicKey)] })
    const store = memoryStore()
    const vault = vaultOn(store, { keys: provider })
    await vault.as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'kept')
    await vault.close()
    const { bytes, report } = await archived(store, { keys: provider })
    expect(report.keyIds).toHaveLength(2)
    const opener = recoveryOpener(privateKey)
    expect(await verifyBackup({ from: sourceOf(bytes), keys: opener })).toMatchObject({ ok: true, secrets: 1 })
    const to = memoryStore()
    await restore({ from: sourceOf(bytes), to, keys: opener })
    const restored = vaultOn(to, { keys: multiProvider({ primary: keys, recovery: [opener] }) })
    expect((await restored.as({ id: 'alice' }).scope({ server: 'github' }).get('token'))?.reveal()).toBe('kept')
    await restored.close()
  })
})

describe('the wrong key', () => {
  const other = (id: string) => keyRing({ current: id, keys: { [id]: generateKey() } })

  it.each([
    ['of another id is not known', other('main#2'), 'VAULT_KEY_UNKNOWN'],
    ['of the same id is another one', other('main#1'), 'VAULT_KEY_MISMATCH'],
  ])('%s', async (_, wrong, code) => {
    const { bytes } = await archived(await livedIn())
    const to = recordingStore(memoryStore())
    expect(await codeOf(verifyBackup({ from: sourceOf(bytes), keys: wrong }))).toBe(code)
    expect(await codeOf(restore({ from: sourceOf(bytes), to, keys: wrong }))).toBe(code)
    expect(to.calls).toEqual([])
  })
})
