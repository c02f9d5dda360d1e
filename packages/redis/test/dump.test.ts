// Nothing that Redis keeps, runs or publishes holds a value or a master key.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVault, keyRing } from '@mcpvault/core'
import { describeWith, startRedis } from '@mcpvault/testkit'
import { writingIn } from '@mcpvault/testkit/canary'
import { eventually } from '@mcpvault/testkit/eventually'
import { callEverything, endEverything, testPolicy } from '@mcpvault/testkit/vaults'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOn, freshStore } from './support/stores.ts'

const text = 'canary+text/"quoted"-Zq8vKx2mPw'
const bytes = Buffer.from([0xfa, 0xce, ...randomBytes(30)])
const field = 'canary-field-9Lr4TyHs6Bn1'
const marker = Buffer.from('found+where/"it"-is-4Hw7RtNx')
const keks = [randomBytes(32), randomBytes(32)] as const

describeWith(
  'what Redis holds',
  // Files whose texts are compressed would hide a value from the search as well.
  () => startRedis({ settings: { rdbcompression: 'no' } }),
  (server) => {
    let client: Redis
    const ended: Redis[] = []
    const another = (): Redis => {
      const made = clientOn(server())
      ended.push(made)
      return made
    }
    beforeAll(() => {
      client = another()
    })
    afterAll(() => {
      for (const each of ended) each.disconnect()
    })

    test('[A20][A21][S43][S44][T2] on disk, in its commands and on its channel is no value and no master key', async () => {
      const { store, prefix } = await freshStore(client, { subscriber: another() })
      const commands: Buffer[] = []
      const messages: string[] = []
      const monitor = await another().monitor()
      ended.push(monitor)
      monitor.on('monitor', (_time: string, args: readonly string[]) => commands.push(unescaped(args.join(' '))))
      const listener = another()
      listener.on('message', (_channel, message: string) => messages.push(message))
      await listener.subscribe(`${prefix}:changes`)

      const first = keyRing({ current: 'main#1', keys: { 'main#1': keks[0] } })
      const vault = createVault({ keys: first, store, policy: testPolicy })
      await callEverything(vault, { text, bytes, field })
      const both = { 'main#1': keks[0], 'main#2': keks[1] }
      const rotated = createVault({ keys: keyRing({ current: 'main#2', keys: both }), store, policy: testPolicy })
      await rotated.operator({ id: 'root', roles: ['operator'] }).rewrap()
      const alice = rotated.as({ id: 'alice' }).scope({ server: 'github' })
      for (let index = 0; index < 20; index += 1) await alice.set(`kept ${index}`, `${text} ${index}`)
      await server().call('SAVE')
      const between = filesOf(await folder())
      await endEverything(rotated)
      await vault.close()

      for (const written of writingsOf(marker)) await client.set(`${prefix}:${written}`, written)
      for (const written of writingsOf(marker)) await client.publish(`${prefix}:changes`, written)
      await eventually(() => expect(messages).toContain(writingsOf(marker).at(-1)))
      await client.save()
      const files = filesOf(await folder())
      expect(files.map(({ name }) => name)).toContainEqual(expect.stringMatching(/incr\.aof$/))
      expect(files.map(({ name }) => name)).toContain('dump.rdb')

      const places = new Map<string, Buffer>([
        ['commands', Buffer.concat(commands)],
        ['messages', Buffer.from(messages.join('\n'))],
        ...files.flatMap(({ name, content }) => (/^dump|incr/.test(name) ? [[name, content] as const] : [])),
      ])
      expect(places.size).toBe(4)
      for (const [place, content] of places) {
        expect(writingIn(content, marker), `the marker in ${place}`).toBe('raw')
        for (const written of writingsOf(marker)) expect(content.includes(written), `${written} in ${place}`).toBe(true)
      }
      expect(messages.filter((message) => message.includes('"dataKey"')).length).toBeGreaterThan(0)
      for (const { name, content } of [...files, ...between]) places.set(`${name} ${places.size}`, content)
      for (const [place, content] of places) {
        for (const canary of [Buffer.from(text), bytes, Buffer.from(field), ...keks]) {
          expect(writingIn(content, canary), place).toBeUndefined()
        }
      }
    })

    async function folder(): Promise<string> {
      const answer = await server().call('CONFIG', 'GET', 'dir')
      return String(Array.isArray(answer) ? answer[1] : undefined)
    }
  },
)

/** Spellings in which a text can stand in another. */
function writingsOf(value: Buffer): readonly string[] {
  return [value.toString('utf8'), ...(['hex', 'base64', 'base64url'] as const).map((each) => value.toString(each))]
}

/** The bytes that the monitor spells as `\xff`. */
function unescaped(line: string): Buffer {
  return Buffer.from(
    line.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

function filesOf(folder: string): readonly { readonly name: string; readonly content: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => ({ name, content: readFileSync(join(parentPath, name)) }))
}
