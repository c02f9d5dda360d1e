// Nothing that MongoDB keeps or streams holds a value or a master key.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVault, keyRing } from '@mcpvault/core'
import { writingIn } from '@mcpvault/testkit/canary'
import { eventually } from '@mcpvault/testkit/eventually'
import { callEverything, endEverything, testPolicy } from '@mcpvault/testkit/vaults'
import { BSON, type Document } from 'mongodb'
import { expect, test } from 'vitest'
import { describeOnEach } from './support/deployments.ts'
import { freshStore } from './support/stores.ts'

const text = 'canary+text/"quoted"-Zq8vKx2mPw'
const bytes = Buffer.from([0xfa, 0xce, ...randomBytes(30)])
const field = 'canary-field-9Lr4TyHs6Bn1'
const marker = 'found+where/"it"-is-4Hw7RtNx'
const keks = [randomBytes(32), randomBytes(32)] as const

describeOnEach(
  (name) => `what ${name} holds`,
  ({ standalone, server, client }) => {
    test('[A20][A21][S43][S44][T2] on disk, in its documents and in what it streams is no value and no master key', async () => {
      const { store, prefix } = await freshStore(client(), { watch: { pollMs: 50 } })
      const events: Document[] = []
      const stream = standalone ? undefined : client().db('vaults').watch([], { fullDocument: 'updateLookup' })
      stream?.on('change', (event) => events.push(event))
      await eventually(async () => {
        if (stream === undefined) return
        await client().db('vaults').collection('begun').insertOne({})
        expect(events.length).toBeGreaterThan(0)
      })

      const first = keyRing({ current: 'main#1', keys: { 'main#1': keks[0] } })
      const vault = createVault({ keys: first, store, policy: testPolicy })
      await callEverything(vault, { text, bytes, field })
      const both = { 'main#1': keks[0], 'main#2': keks[1] }
      const rotated = createVault({ keys: keyRing({ current: 'main#2', keys: both }), store, policy: testPolicy })
      await rotated.operator({ id: 'root', roles: ['operator'] }).rewrap()
      const alice = rotated.as({ id: 'alice' }).scope({ server: 'github' })
      for (let index = 0; index < 20; index += 1) await alice.set(`kept ${index}`, `${text} ${index}`)
      const between = await documents()
      await endEverything(rotated)
      await vault.close()

      await client()
        .db('vaults')
        .collection(`${prefix}meta`)
        .insertMany(writingsOf(marker).map((written) => ({ written })))
      if (stream !== undefined)
        await eventually(() => expect(JSON.stringify(events)).toContain(writingsOf(marker).at(-1)))
      await stream?.close()

      const places = new Map([['documents', await documents()]])
      if (stream !== undefined) places.set('events', BSON.serialize({ events }))
      const files = filesOf(server().folder)
      if (files !== undefined) places.set('files', files)
      for (const [place, content] of places) {
        for (const written of writingsOf(marker)) {
          expect(Buffer.from(content).includes(written), `${written} in ${place}`).toBe(true)
        }
      }
      places.set('documents before the end', between)
      for (const [place, content] of places) {
        expect(content.length, place).toBeGreaterThan(10_000)
        for (const canary of [Buffer.from(text), bytes, Buffer.from(field), ...keks]) {
          expect(writingIn(content, canary), place).toBeUndefined()
        }
      }
    })

    /** Every document of every collection, as its bytes. */
    async function documents(): Promise<Uint8Array> {
      const database = client().db('vaults')
      const found: Uint8Array[] = []
      for (const { name: collection } of await database.listCollections().toArray()) {
        const each = await database.collection(collection).find().toArray()
        found.push(...each.map((document) => BSON.serialize(document)))
      }
      return Buffer.concat(found)
    }
  },
)

/** Spellings in which a text can stand in another. */
function writingsOf(value: string): readonly string[] {
  return [value, ...(['hex', 'base64', 'base64url'] as const).map((each) => Buffer.from(value).toString(each))]
}

/** What is in the files of a server; undefined for one whose files are elsewhere. */
function filesOf(folder: string | undefined): Buffer | undefined {
  if (folder === undefined) return undefined
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Buffer.concat(
    entries
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => withoutEmptyEnd(readFileSync(join(parentPath, name)))),
  )
}

/** The log is made long before it is written. */
function withoutEmptyEnd(content: Buffer): Buffer {
  const empty = Buffer.alloc(1 << 16)
  let end = content.length
  while (end >= empty.length && content.subarray(end - empty.length, end).equals(empty)) end -= empty.length
  return content.subarray(0, end)
}
