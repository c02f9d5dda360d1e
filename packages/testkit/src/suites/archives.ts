// An archive from one store into another and back: whatever the two engines are, all of the vault comes back as it was.
import type { VaultStore } from '@mcpvault/core'
import { memoryStore } from '@mcpvault/core'
import { archiveTo, restore, verifyBackup } from '@mcpvault/core/backup'
import { expect } from 'vitest'
import { operatorPrincipal } from '../vaults/principals.ts'
import { contentsOf, expectLivedIn, liveIn, type Mover, mover } from './copying.ts'

/** Backs up what a vault has left in `from`, restores it into `over`, and backs that up into `back`. */
export async function expectArchives(stores: {
  readonly from: VaultStore
  readonly over: VaultStore
  readonly back: VaultStore
}): Promise<void> {
  const { from, over, back } = stores
  const lived = mover()
  await liveIn(from, lived.vaultOn)
  const contents = await unmoved(from)
  await moveByArchive(lived, { from, to: over })
  expect(await unmoved(over)).toEqual(contents)
  await moveByArchive(lived, { from: over, to: back })
  expect(await unmoved(back)).toEqual(contents)
  await expectLivedIn(over, lived.vaultOn)
  await expectLivedIn(back, lived.vaultOn)
}

async function moveByArchive(
  { keys, vaultOn }: Mover,
  { from, to }: { readonly from: VaultStore; readonly to: VaultStore },
): Promise<void> {
  const parts: Uint8Array[] = []
  const sink = { write: (bytes: Uint8Array) => parts.push(bytes), close: () => undefined }
  const vault = vaultOn(from)
  const { unreadable, ...report } = await vault.operator(operatorPrincipal).backup({ to: archiveTo(sink) })
  await vault.close()
  expect(unreadable).toEqual([])
  const source = async function* () {
    yield* parts
  }
  const verified = await verifyBackup({ from: source, keys, into: memoryStore() })
  expect(verified).toMatchObject({ ok: true, secrets: report.secrets, auditRows: report.auditRows })
  const restored = await restore({ from: source, to, keys })
  expect(restored).toMatchObject({ secrets: report.secrets, auditRows: report.auditRows, kept: [], forkedStreams: [] })
  // Once more over what is there: nothing changes.
  const again = await restore({ from: source, to, keys })
  expect(again).toMatchObject({ secrets: 0, dataKeys: 0, unchanged: report.secrets, kept: [] })
}

/** What a backup and a restore change nothing of: everything but the trail, which says that they were. */
async function unmoved(store: VaultStore): Promise<unknown> {
  const contents = Object(await contentsOf(store))
  return [contents.vaultId, contents.secrets, contents.dataKeys]
}
