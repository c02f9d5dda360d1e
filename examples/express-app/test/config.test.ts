// The settings that an operator writes: lists as people write them, and a mistake is named.
import { describe, expect, it } from 'vitest'
import { addressOf, configFrom } from '../src/config.mjs'

describe('the settings', () => {
  it('take addresses of proxies with spaces between them', () => {
    const { proxies } = configFrom({ TRUST_PROXY: '10.0.0.1, 10.0.0.2,' })
    expect(proxies).toEqual(['10.0.0.1', '10.0.0.2'])
  })

  it('are origins without a path, and one that is none is named', () => {
    expect(configFrom({ APP_ORIGIN: 'https://board.example/' }).origin).toBe('https://board.example')
    expect(() => configFrom({ APP_ORIGIN: 'board.example' })).toThrow('APP_ORIGIN must be an origin')
    expect(() => configFrom({ PORT: 'http' })).toThrow('PORT must be')
  })

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['::', 'http://[::]:3000'],
  ])('give %s an address', (host, address) => {
    expect(addressOf(host, 3_000)).toBe(address)
    expect(URL.canParse(address)).toBe(true)
  })
})
