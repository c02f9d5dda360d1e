// What is logged of a client's connection, whatever the loggers do with it.
import { EventEmitter } from 'node:events'
import type { StoreLogger } from '@mcpvault/core/adapter'
import { expect, test, vi } from 'vitest'
import { connectionEvents } from '../src/events.ts'

test('a lost connection is logged once for each logger of the client, also when one of them fails', () => {
  const client = new EventEmitter()
  const failing = vi.fn<StoreLogger['warn']>(() => {
    throw new Error('The log is full.')
  })
  const [broken, sound] = [{ warn: failing }, { warn: vi.fn<StoreLogger['warn']>() }]
  for (const logger of [broken, sound, broken, undefined]) connectionEvents(client, logger)
  const lost = Object.assign(new Error('connect 10.0.0.7'), { code: 'ECONNREFUSED' })
  client.emit('error', lost)
  client.emit('error', lost)
  const logged = [{ store: 'redis', error: 'ECONNREFUSED' }, 'The connection to the database failed.'] as const
  for (const warn of [failing, sound.warn]) expect(warn).toHaveBeenCalledExactlyOnceWith(...logged)
  client.emit('ready')
  client.emit('error', lost)
  for (const warn of [failing, sound.warn]) expect(warn).toHaveBeenCalledTimes(2)
})
