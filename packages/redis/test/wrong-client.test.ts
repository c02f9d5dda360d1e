// A client of another driver is refused at once, by name.
import { Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'
import type { RedisClient, RedisSubscriber } from '../src/client.ts'
import { redisStore } from '../src/index.ts'

const client = new Redis({ lazyConnect: true })
afterAll(() => client.disconnect())
const noop = (): void => undefined
const nodeRedis = { isOpen: false, sendCommand: noop, subscribe: noop, unsubscribe: noop, on: noop, off: noop }

test.each<[string, unknown, RegExp]>([
  ['a client of node-redis', nodeRedis, /must be a client of ioredis.*: a client of node-redis was given/],
  ['an address', 'redis://localhost', /a text was given/],
  ['nothing', undefined, /nothing was given/],
])('%s is refused as client', (_what, given, message) => {
  // As JavaScript gives it, without the types.
  expect(() => redisStore({ client: given as RedisClient })).toThrow(refused('client', message))
})

test('a subscriber of another driver is refused, and one of ioredis taken', () => {
  // As JavaScript gives it, without the types.
  const subscriber = nodeRedis as unknown as RedisSubscriber
  expect(() => redisStore({ client, subscriber })).toThrow(refused('subscriber', /node-redis/))
  expect(redisStore({ client, subscriber: client }).id).toBe('redis')
})

function refused(field: string, message: RegExp) {
  return expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field, message: expect.stringMatching(message) })
}
