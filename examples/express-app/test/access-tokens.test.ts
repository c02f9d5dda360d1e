// The tokens of MCP clients: what they say, under which key, and how long.
import { afterEach, expect, it, vi } from 'vitest'
import { createAccessTokens } from '../src/access-tokens.mjs'

afterEach(() => vi.useRealTimers())

it('a token says its user and that it expires after 30 days, and counts under its own key alone', () => {
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') })
  const tokens = createAccessTokens('one key')
  const token = tokens.issue('alice')
  expect(tokens.read(token)).toEqual({ user: 'alice', expiresAt: Date.parse('2026-01-31T00:00:00Z') / 1_000 })
  expect(createAccessTokens('another key').read(token)).toBeUndefined()
})
