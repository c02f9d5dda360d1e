// A subscriber whose server is gone without a word is noticed.
import { once } from 'node:events'
import { describeWith, startProxy, startRedis } from '@mcpvault/testkit'
import { type SilenceSetting, silenceSuite } from '@mcpvault/testkit/history'
import { Redis } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import { expect } from 'vitest'
import { clientOn, freshStore, type Node } from './support/stores.ts'

describeWith('Redis', startRedis, (server) => {
  // Such a client gives a connection up that leaves a question unanswered for so long.
  const socketTimeout = 2_000

  const settingOf = (subscriberOn: (node: Node) => Redis | Redis6): SilenceSetting => ({
    async open({ clock }) {
      const client = clientOn(server())
      const proxy = await startProxy(server())
      const subscriber = subscriberOn({ host: proxy.host, port: proxy.port })
      subscriber.on('error', () => {})
      await once(subscriber, 'ready')
      const { store, open } = await freshStore(client, { subscriber, clock })
      // All stores of a client share a listener, which stays.
      const shared = subscriber.listenerCount('ready')
      const { watch } = open()
      if (watch === undefined) throw new Error('The store does not listen.')
      return {
        store,
        listening: { watch },
        proxy,
        async close() {
          expect(subscriber.listenerCount('message')).toBe(0)
          expect(subscriber.listenerCount('ready')).toBe(shared)
          expect(shared).toBe(1)
          subscriber.disconnect()
          client.disconnect()
        },
      }
    },
  })
  silenceSuite(
    'Redis by ioredis 5',
    settingOf((node) => new Redis({ ...node, socketTimeout })),
  )
  silenceSuite(
    'Redis by ioredis 6',
    settingOf((node) => new Redis6({ ...node, socketTimeout })),
  )
})
