// Bulks of writes under way at once when the network breaks.
import { sampleAuditRow } from '@mcpvault/core/testing'
import { describeWith, startMongo, startProxy } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { mongoStore } from '../src/index.ts'
import { clientOn, freshStore } from './support/stores.ts'

const writers = 8

describeWith('MongoDB', startMongo, (server) => {
  test('[S43] each of the writes that a broken network ends at once is transient', async () => {
    const direct = await clientOn(server())
    const { prefix } = await freshStore(direct)
    const proxy = await startProxy(server())
    const url = `mongodb://${proxy.host}:${proxy.port}/?directConnection=true`
    const client = new MongoClient(url, { monitorCommands: true, minPoolSize: writers, maxPoolSize: writers })
    let [connections, inserts] = [0, 0]
    client.on('connectionReady', () => {
      connections += 1
    })
    client.on('commandStarted', ({ commandName }) => {
      if (commandName === 'insert') inserts += 1
    })
    const store = await mongoStore({ client, database: 'vaults', prefix })
    const appendAll = (sequence: number) =>
      Promise.allSettled(
        Array.from({ length: writers }, (_, index) =>
          store.audit.append([sampleAuditRow({ stream: `${index}`.padStart(32, '0'), sequence })]),
        ),
      )
    await appendAll(0)
    // Each writer has a connection of its own, since none can be opened while nothing gets through.
    await eventually(() => expect(connections).toBe(writers))
    inserts = 0
    proxy.stall()
    const answers = appendAll(1)
    await eventually(() => expect(inserts).toBe(writers), { intervalMs: 1 })
    proxy.cut()
    proxy.pass()
    for (const answer of await answers) {
      // The store itself tries again what the driver says may be tried again.
      if (answer.status === 'fulfilled') expect(answer.value).toBe('stored')
      else expect(answer.reason).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
    }
    await client.close()
    await proxy.stop()
    await direct.close()
  })
})
