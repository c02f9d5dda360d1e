// Old archives: which ones go after 90 days, which one never does, and which master keys they still need.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf, operatorPrincipal, testPolicy } from '@mcpvault/testkit/vaults'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ArchiveSink, archiveFolder, archiveTo, fileSink, restore } from '../../src/backup/index.ts'
import type { VaultStore } from '../../src/contracts/index.ts'
import { createVault } from '../../src/create-vault.ts'
import type { ArchivePlace, ListedArchive } from '../../src/operator/archive-places.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { archived, memorySink, sourceOf } from './archives.ts'

const dayMs = 24 * 60 * 60 * 1_000
const first = generateKey()
const second = generateKey()
const ring = keyRing({ current: 'main#1', keys: { 'main#1': first } })
const rotated = keyRing({ current: 'main#2', keys: { 'main#1': first, 'main#2': second } })

interface Place extends ArchivePlace {
  readonly archives: Map<string, Date>
  readonly broken: Set<string>
}

function placeOf(): Place {
  const archives = new Map<string, Date>()
  const broken = new Set<string>()
  return {
    archives,
    broken,
    list: () => [...archives].map(([id, createdAt]): ListedArchive => ({ id, createdAt })),
    remove(id) {
      if (id === 'stuck') throw new Error('permission denied')
      archives.delete(id)
    },
    verify(id) {
      if (id === 'unreadable') throw new Error('cut off')
      return !broken.has(id)
    },
  }
}

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-prune-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function testBackups(keys = ring, store: VaultStore = memoryStore()) {
  const clock = manualClock()
  const vault = createVault({ keys, store, clock, policy: testPolicy })
  const operator = vault.operator(operatorPrincipal)
  return {
    store,
    clock,
    vault,
    operator,
    async backUp(place: Place) {
      const { id, createdAt } = await operator.backup({ to: archiveTo(memorySink()) })
      place.archives.set(id, createdAt)
      return id
    },
  }
}

describe('pruning', () => {
  it('is for operators only', async () => {
    const { vault, clock } = testBackups()
    const place = placeOf()
    place.archives.set('old', clock.now())
    clock.advance(100 * dayMs)
    const pruning = vault.operator({ id: 'mallory' }).pruneBackups({ places: [place], maxAgeMs: 0 })
    await expect(pruning).rejects.toMatchObject({ code: 'VAULT_ACCESS_DENIED' })
    expect(place.archives.size).toBe(1)
  })

  it('[T41] removes archives that are older than 90 days, and keeps the others', async () => {
    const { clock, operator, backUp } = testBackups()
    const place = placeOf()
    const old = await backUp(place)
    clock.advance(1)
    const young = await backUp(place)
    clock.advance(90 * dayMs)
    const newest = await backUp(place)
    expect(await operator.pruneBackups({ places: [place] })).toEqual({
      removed: 1,
      kept: 2,
      newestVerified: [newest],
      failed: [],
    })
    expect([...place.archives.keys()]).toEqual([young, newest])
    expect(place.archives.has(old)).toBe(false)
  })

  it('[T41] keeps the newest one that opens, whatever its age', async () => {
    const { clock, operator, backUp } = testBackups()
    const place = placeOf()
    await backUp(place)
    clock.advance(dayMs)
    const good = await backUp(place)
    clock.advance(dayMs)
    const bad = await backUp(place)
    place.broken.add(bad)
    place.archives.set('unreadable', clock.now())
    clock.advance(100 * dayMs)
    const { removed, newestVerified } = await operator.pruneBackups({ places: [place] })
    expect({ removed, newestVerified }).toEqual({ removed: 1, newestVerified: [good] })
    expect([...place.archives.keys()]).toEqual([good, bad, 'unreadable'])
  })

  it('[T41] removes nothing later than that, which may not open now for a reason that ends', async () => {
    const { clock, operator, backUp } = testBackups()
    const place = placeOf()
    const good = await backUp(place)
    clock.advance(dayMs)
    const later = await backUp(place)
    place.broken.add(later)
    clock.advance(100 * dayMs)
    expect(await operator.pruneBackups({ places: [place] })).toMatchObject({ removed: 0, newestVerified: [good] })
    place.broken.delete(later)
    expect(await operator.pruneBackups({ places: [place] })).toMatchObject({ removed: 1, newestVerified: [later] })
    expect([...place.archives.keys()]).toEqual([later])
  })

  it('[T41] removes no archive that was made after it by a clock that had gone back', async () => {
    const { clock, operator, backUp } = testBackups()
    const place = placeOf()
    const before = await backUp(place)
    clock.advance(-400 * dayMs)
    const wrong = await backUp(place)
    clock.advance(401 * dayMs)
    expect(await operator.pruneBackups({ places: [place] })).toMatchObject({ removed: 0, newestVerified: [before] })
    const after = await backUp(place)
    expect(await operator.pruneBackups({ places: [place] })).toMatchObject({ removed: 1 })
    expect([...place.archives.keys()]).toEqual([before, after])
    expect(place.archives.has(wrong)).toBe(false)
  })

  it('leaves the archives of other vaults alone', async () => {
    const folder = folderOf()
    const [own, other] = [testBackups(), testBackups()]
    for (const [name, { operator, clock }] of Object.entries({ own, other })) {
      await operator.backup({ to: archiveTo(fileSink(join(folder, `${name}.mcvault`))) })
      clock.advance(100 * dayMs)
    }
    await own.operator.backup({ to: archiveTo(fileSink(join(folder, 'own later.mcvault'))) })
    const place = archiveFolder(folder, { keys: ring })
    expect(await own.operator.pruneBackups({ places: [place] })).toMatchObject({ removed: 1, kept: 1 })
    expect(readdirSync(folder).sort()).toEqual(['other.mcvault', 'own later.mcvault'])
  })

  it('ends with the reason of its signal while a place does not answer', async () => {
    const { operator, backUp } = testBackups()
    const place = placeOf()
    await backUp(place)
    for (const name of ['list', 'verify'] as const) {
      const controller = new AbortController()
      const reason = new Error('enough')
      const hangs: ArchivePlace = {
        ...place,
        [name](...args: readonly unknown[]) {
          expect(args.at(-1)).toEqual({ signal: controller.signal })
          controller.abort(reason)
          return new Promise<never>(() => undefined)
        },
      }
      const pruning = operator.pruneBackups({ places: [hangs], signal: controller.signal })
      await expect(pruning).rejects.toBe(reason)
    }
  })

  it('[T41] removes nothing where no archive opens', async () => {
    const { clock, operator, backUp } = testBackups()
    const place = placeOf()
    place.broken.add(await backUp(place))
    clock.advance(100 * dayMs)
    expect(await operator.pruneBackups({ places: [place] })).toMatchObject({
      removed: 0,
      kept: 1,
      newestVerified: [undefined],
    })
  })

  it('takes another age, reports what it could not remove, and goes on', async () => {
    const { clock, vault, operator, backUp } = testBackups()
    const place = placeOf()
    place.archives.set('stuck', clock.now())
    await backUp(place)
    clock.advance(2 * dayMs)
    await backUp(place)
    const report = await operator.pruneBackups({ places: [place], maxAgeMs: dayMs })
    expect(report).toMatchObject({
      removed: 1,
      kept: 2,
      failed: [{ id: 'stuck', error: { message: 'permission denied' } }],
    })
    const [item] = (await vault.as(operatorPrincipal).auditLog({ actions: ['backup.pruned'] })).items
    expect(item).toMatchObject({ event: { principal: operatorPrincipal.id, outcome: 'failed', count: 1 } })
  })

  it.each([
    [{}, 'TypeError'],
    [{ places: [] }, 'TypeError'],
    [{ places: [{}] }, 'TypeError'],
    [{ places: [placeOf()], maxAgeMs: 1.5 }, 'TypeError'],
    [{ places: [placeOf()], maxAgeMs: -1 }, 'VAULT_VALUE_INVALID'],
    [{ places: [placeOf()], days: 90 }, 'VAULT_VALUE_INVALID'],
    [{ places: [{ ...placeOf(), list: () => [{ id: 1 }] }] }, 'TypeError'],
  ])('refuses options that make no sense: %j', async (options, expected) => {
    // As plain JavaScript would call it.
    const pruning = testBackups().operator.pruneBackups(Object(options))
    await expect(pruning).rejects.toMatchObject(expected === 'TypeError' ? { name: expected } : { code: expected })
  })

  it('works on a folder of files, and leaves other files alone', async () => {
    const folder = folderOf()
    const { clock, operator } = testBackups()
    for (const day of [1, 2, 3]) {
      await operator.backup({ to: archiveTo(fileSink(join(folder, `day ${day}.mcvault`))) })
      clock.advance(60 * dayMs)
    }
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    writeFileSync(join(folder, 'broken.mcvault'), 'no archive')
    const { removed, kept } = await operator.pruneBackups({ places: [archiveFolder(folder, { keys: ring })] })
    expect({ removed, kept }).toEqual({ removed: 2, kept: 1 })
    expect(readdirSync(folder).sort()).toEqual(['broken.mcvault', 'day 3.mcvault', 'notes.txt'])
  })

  it('passes by what is no file, or says of itself what no archive says', async () => {
    const folder = folderOf()
    const { clock, operator } = testBackups()
    for (const day of [1, 2]) {
      await operator.backup({ to: archiveTo(fileSink(join(folder, `day ${day}.mcvault`))) })
      clock.advance(100 * dayMs)
    }
    mkdirSync(join(folder, 'a folder.mcvault'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'a link.mcvault'))
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(join(folder, 'a socket.mcvault'), resolve))
    const date = /"createdAt":"[^"]*"/
    const [whole = Buffer.alloc(0)] = [readFileSync(join(folder, 'day 1.mcvault'))]
    const header = whole.subarray(8, 8 + whole.readUInt32BE(4)).toString()
    const blank = header.replace(date, (found) => `"createdAt":"${' '.repeat(found.length - 14)}"`)
    writeFileSync(join(folder, 'no date.mcvault'), Buffer.concat([whole.subarray(0, 8), Buffer.from(blank)]))
    const { removed, kept, failed } = await operator.pruneBackups({ places: [archiveFolder(folder, { keys: ring })] })
    expect({ removed, kept, failed }).toEqual({ removed: 1, kept: 1, failed: [] })
  })

  it('removes no file that a link leads to, and still knows of it', async () => {
    const [folder, elsewhere] = [folderOf(), folderOf()]
    const { clock, operator } = testBackups()
    const { id } = await operator.backup({ to: archiveTo(fileSink(join(elsewhere, 'day 1.mcvault'))) })
    symlinkSync(join(elsewhere, 'day 1.mcvault'), join(folder, 'day 1.mcvault'))
    clock.advance(100 * dayMs)
    await operator.backup({ to: archiveTo(fileSink(join(folder, 'day 2.mcvault'))) })
    const report = await operator.pruneBackups({ places: [archiveFolder(folder, { keys: ring })] })
    expect(report).toMatchObject({ removed: 0, failed: [{ id, error: { code: 'VAULT_CONFLICT' } }] })
    expect(readdirSync(elsewhere)).toEqual(['day 1.mcvault'])
    expect((await operator.census()).archives).toBe(2)
  })

  it('removes no file that is another archive by now, and knows one that came since the last list', async () => {
    const [folder, elsewhere] = [folderOf(), folderOf()]
    const { operator } = testBackups()
    const backUp = (path: string) => operator.backup({ to: archiveTo(fileSink(path)) })
    const [first, second] = [await backUp(join(folder, 'a.mcvault')), await backUp(join(elsewhere, 'b.mcvault'))]
    const place = archiveFolder(folder, { keys: ring })
    expect((await place.list()).map(({ id }) => id)).toEqual([first.id])
    renameSync(join(elsewhere, 'b.mcvault'), join(folder, 'a.mcvault'))
    await place.remove(first.id)
    expect(readdirSync(folder)).toEqual(['a.mcvault'])
    expect(await place.verify(second.id)).toBe(true)
    await place.remove(second.id)
    expect(readdirSync(folder)).toEqual([])
  })

  it('takes the copy that opens for the archive, and no date that a copy without proof has', async () => {
    const folder = folderOf()
    const { clock, operator } = testBackups()
    const { createdAt } = await operator.backup({ to: archiveTo(fileSink(join(folder, 'day 1.mcvault'))) })
    clock.advance(50 * dayMs)
    const { id } = await operator.backup({ to: archiveTo(fileSink(join(folder, 'day 50.mcvault'))) })
    clock.advance(50 * dayMs)
    const newest = await operator.backup({ to: archiveTo(fileSink(join(folder, 'day 100.mcvault'))) })
    const young = readFileSync(join(folder, 'day 50.mcvault'))
    const written = young.toString('latin1').replace(/"createdAt":"[^"]*"/, `"createdAt":"${createdAt.toISOString()}"`)
    writeFileSync(join(folder, 'a forged copy.mcvault'), Buffer.from(written, 'latin1'))
    const cut = readFileSync(join(folder, 'day 100.mcvault')).subarray(0, -1)
    writeFileSync(join(folder, 'a cut copy.mcvault'), cut)
    const report = await operator.pruneBackups({ places: [archiveFolder(folder, { keys: ring })] })
    expect(report).toMatchObject({ removed: 1, kept: 2, newestVerified: [newest.id] })
    expect(id).not.toBe(newest.id)
    expect(readdirSync(folder)).toContain('day 50.mcvault')
  })
})

describe('a master key that archives need', () => {
  it('[T41] is not retirable before they are pruned, and the error names them', async () => {
    const store = memoryStore()
    const before = testBackups(ring, store)
    await before.vault.as({ id: 'alice' }).scope().set('token', 'x')
    const place = placeOf()
    const ids = [await before.backUp(place), await before.backUp(place)]
    const { clock, operator, backUp } = testBackups(rotated, store)
    await operator.rewrap()
    expect(await operator.census()).toMatchObject({ archives: 2, archivesByKeyId: new Map([['main#1', 2]]) })
    const refused = await operator.assertRetirable('main#1').catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'VAULT_CONFLICT', keyId: 'main#1' })
    for (const id of ids) expect(String(refused)).toContain(id)
    clock.advance(91 * dayMs)
    await backUp(place)
    await operator.pruneBackups({ places: [place] })
    expect(await operator.census()).toMatchObject({ archives: 1, archivesByKeyId: new Map([['main#2', 1]]) })
    await operator.assertRetirable('main#1')
  })

  it('[T41] is not retirable while a backup is under way, whose archive is not known yet', async () => {
    const store = memoryStore()
    const before = testBackups(ring, store)
    await before.vault.as({ id: 'alice' }).scope().set('token', 'x')
    const { operator } = testBackups(rotated, store)
    const during: unknown[] = []
    const sink: ArchiveSink = {
      async write() {
        if (during.length > 0) return
        during.push((await operator.rewrap()).rewrapped)
        const asserted = [1, 2].map(() => codeOf(operator.assertRetirable('main#1')))
        during.push(...(await Promise.all(asserted)))
      },
      close: () => undefined,
    }
    const { id } = await before.operator.backup({ to: archiveTo(sink) })
    expect(during).toEqual([2, 'VAULT_CONFLICT', 'VAULT_CONFLICT'])
    await expect(operator.assertRetirable('main#1')).rejects.toThrow(id)
  })

  it('is retirable a minute after a backup whose process was killed, and while others ask', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const { vault } = testBackups(ring, store)
    await vault.as({ id: 'alice' }).scope().set('token', 'x')
    const { operator } = testBackups(rotated, store)
    await operator.rewrap()
    await store.locks.acquire('backup/3', 'a process that was killed', 60_000)
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    clock.advance(60_000)
    await Promise.all([1, 2, 3].map(() => operator.assertRetirable('main#1')))
  })

  it('is needed by at most eight backups at a time', async () => {
    const { store, operator } = testBackups()
    for (let place = 1; place <= 8; place++) await store.locks.acquire(`backup/${place}`, 'another process', 60_000)
    expect(await codeOf(operator.backup({ to: archiveTo(memorySink()) }))).toBe('VAULT_CONFLICT')
  })

  it('is needed as long as any place has the archive, and no longer when no place lists it', async () => {
    const { clock, operator, backUp } = testBackups()
    const [near, far] = [placeOf(), placeOf()]
    const id = await backUp(near)
    await backUp(near)
    for (const [each, at] of near.archives) far.archives.set(each, at)
    far.remove = () => Promise.reject(new Error('permission denied'))
    clock.advance(91 * dayMs)
    await backUp(near)
    far.archives.set('newest', clock.now())
    await operator.pruneBackups({ places: [near, far] })
    expect([...near.archives.keys()]).not.toContain(id)
    expect((await operator.census()).archives).toBe(3)
    far.archives.delete(id)
    await operator.pruneBackups({ places: [near, far] })
    expect((await operator.census()).archives).toBe(2)
  })

  it('is needed while a place has nothing that opens: its disk may not be there', async () => {
    const { clock, operator, backUp } = testBackups()
    const place = placeOf()
    await backUp(place)
    clock.advance(91 * dayMs)
    await operator.pruneBackups({ places: [place, placeOf()] })
    expect((await operator.census()).archives).toBe(1)
    await backUp(place)
    await operator.pruneBackups({ places: [place] })
    expect((await operator.census()).archives).toBe(1)
  })

  it('is needed when somebody has altered what the vault keeps of an archive', async () => {
    const store = memoryStore()
    const { vault } = testBackups(ring, store)
    await vault.as({ id: 'alice' }).scope().set('token', 'x')
    await store.meta.insertOnce('archive/1', new Uint8Array(3))
    const { operator } = testBackups(rotated, store)
    await operator.rewrap()
    await expect(operator.assertRetirable('main#1')).rejects.toMatchObject({ code: 'VAULT_CONFLICT' })
    expect(await operator.census()).toMatchObject({ archives: 1, archivesByKeyId: new Map() })
  })

  it('is known by a vault that was restored from one of them', async () => {
    const { store, operator } = testBackups()
    await operator.backup({ to: archiveTo(memorySink()) })
    const { bytes } = await archived(store, { keys: ring })
    const to = memoryStore()
    for (const _ of [1, 2]) await restore({ from: sourceOf(bytes), to, keys: ring })
    const { archives, archivesByKeyId } = await testBackups(ring, to).operator.census()
    expect({ archives, archivesByKeyId }).toEqual({ archives: 2, archivesByKeyId: new Map([['main#1', 2]]) })
  })

  it('is remembered for each of many archives, made at the same time', async () => {
    const { operator } = testBackups()
    for (let round = 0; round < 8; round++)
      await Promise.all([1, 2, 3, 4, 5].map(() => operator.backup({ to: archiveTo(memorySink()) })))
    expect((await operator.census()).archives).toBe(40)
  })
})
