// Ports for the servers of tests: none is given twice, not even while nothing listens there.
import { afterEach, expect, it, vi } from 'vitest'
import { accepts, freePort, loopback } from '../src/ports.ts'

afterEach(() => vi.restoreAllMocks())

it('a port is free, and is not given to anybody else before its server listens', async () => {
  const random = vi.spyOn(Math, 'random')
  const port = await freePort()
  expect(await accepts({ host: loopback, port })).toBe(false)
  const drawn = Number(random.mock.results.at(-1)?.value)
  const before = random.mock.calls.length
  random.mockReturnValueOnce(drawn)
  expect(await freePort()).not.toBe(port)
  expect(random.mock.calls.length).toBeGreaterThan(before + 1)
})
