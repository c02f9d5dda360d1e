// A command that the driver never settles, since it was written on a connection that was just closed, costs no connection.
import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Socket } from 'node:net'
import type { CallOptions, SecretUse } from '@mcpvault/core'
import { sampleDataKey, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { MongoClient } from 'mongodb'
import { expect, onTestFinished, test } from 'vitest'
import type { MongoStore } from '../src/index.ts'
import { describeOnEach } from './support/deployments.ts'
import { freshStore } from './support/stores.ts'

const poolSize = 2
const key = sampleDataKey()
const secret = sampleSecret()
const use: SecretUse = { ref: secret.ref, id: secret.id, lastUsedAt: new Date(0), uses: 1 }

/** Each of these meets a command of its name on its way. */
const calls: readonly (readonly [string, string, (store: MongoStore, call: CallOptions) => unknown])[] = [
  ['find', 'secrets.find', (store, call) => store.secrets.find(sampleRef(), 'current', call)],
  ['insert', 'secrets.put', (store, call) => store.secrets.put(secret, { ifRevision: 0, ...call })],
  ['update', 'secrets.touch', (store, call) => store.secrets.touch([use], call)],
  ['delete', 'secrets.remove', (store, call) => store.secrets.remove(sampleRef(), { ifRevision: 1, ...call })],
  ['find', 'dataKeys.active', (store, call) => store.dataKeys.active(key.scope, call)],
  ['insert', 'dataKeys.insert', (store, call) => store.dataKeys.insert(key, call)],
  ['insert', 'meta.insertOnce', (store, call) => store.meta.insertOnce('key', Uint8Array.of(1), call)],
  ['hello', 'locks.acquire', (store, call) => store.locks.acquire('lock', 'holder', 1_000, call)],
  ['update', 'locks.acquire', (store, call) => store.locks.acquire('lock', 'holder', 1_000, call)],
  ['find', 'audit.streams', (store, call) => store.audit.streams({ limit: 1, ...call })],
]

describeOnEach(
  (name) => `a command that the driver loses on ${name}`,
  ({ server, client: plain }) => {
    /** A store on a small pool, all of whose connections are closed just before the next command of a name is written. */
    async function losing() {
      const sockets = new Set<Socket>()
      let isPooled = false
      const note = (message: unknown): void => {
        if (!isPooled) return
        isPooled = false
        const socket: unknown = typeof message === 'object' && message !== null && Reflect.get(message, 'socket')
        if (socket instanceof Socket) sockets.add(socket)
      }
      diagnostics.subscribe('net.client.socket', note)
      const options = { maxPoolSize: poolSize, waitQueueTimeoutMS: 10_000, monitorCommands: true }
      const client = new MongoClient(server().url, options)
      // The socket is made at once; those of the driver's monitors, which have no such event, stay open.
      client.on('connectionCreated', () => {
        isPooled = true
      })
      await client.connect()
      onTestFinished(async () => {
        diagnostics.unsubscribe('net.client.socket', note)
        await client.close()
      })
      const { prefix } = await freshStore(plain())
      const { store } = await freshStore(client, { prefix })
      const lost: string[] = []
      let closed: Promise<unknown> = Promise.resolve()
      /** Resolves once a command of this name is lost. */
      const lose = (name: string) =>
        new Promise<void>((resolve) => {
          const onCommand = ({ commandName }: { readonly commandName: string }): void => {
            if (commandName !== name) return
            client.off('commandStarted', onCommand)
            closed = Promise.all([...sockets].map((socket) => once(socket, 'close')))
            for (const socket of sockets) socket.destroy()
            sockets.clear()
            lost.push(commandName)
            // By then it is written, and its answer waited for.
            setImmediate(resolve)
          }
          client.on('commandStarted', onCommand)
        })
      return { store, lose, lost, closed: () => closed }
    }

    test.each(calls)('%s in %s gives its connection back when its signal ends it', async (name, _, call) => {
      const { store, lose, lost, closed } = await losing()
      expect(await store.meta.read('before')).toBeUndefined()
      for (let count = 1; count <= poolSize; count += 1) {
        const controller = new AbortController()
        const isLost = lose(name)
        const answer = Promise.resolve(call(store, { signal: controller.signal }))
        answer.catch(() => undefined)
        await isLost
        controller.abort(new Error('enough'))
        await expect(answer).rejects.toThrow('enough')
        // Only then does the driver know that these connections are closed.
        await closed()
      }
      expect(lost).toHaveLength(poolSize)
      expect(await store.meta.read('after')).toBeUndefined()
    })
  },
)
