// Listening that begins late: changes before it are notified as everything.
import type { StoreChange } from '@mcpvault/core'
import { sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startMongo, startProxy } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { expect, test } from 'vitest'
import { clientOn, freshStore } from './support/stores.ts'

for (const standalone of [false, true]) {
  const name = standalone ? 'a standalone MongoDB' : 'a MongoDB replica set'
  describeWith(
    `listening to ${name}`,
    () => startMongo({ standalone }),
    (server) => {
      test('[A27] that had to wait for an answer notifies that changes may have been missed', async () => {
        const proxy = await startProxy(server())
        const client = await clientOn(server())
        const slow = await clientOn({ url: server().url.replace(String(server().port), String(proxy.port)) })
        const { store, open } = await freshStore(client, { watch: { pollMs: 20 } })
        const listening = await open({ client: slow })
        proxy.stall()
        const notified: StoreChange[] = []
        const end = listening.watch?.((change) => notified.push(change))
        await store.secrets.put(sampleSecret(), { ifRevision: 0 })
        proxy.pass()
        await eventually(() => expect(notified).toContainEqual({ kind: 'everything' }))
        end?.()
        await slow.close()
        await client.close()
        await proxy.stop()
      })
    },
  )
}
