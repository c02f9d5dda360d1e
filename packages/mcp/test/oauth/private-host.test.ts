// Addresses inside a network are refused, in whatever spelling, unless they are allowed.
import { describe, expect, it } from 'vitest'
import { parseEndpoint } from '../../src/oauth/endpoint.ts'

const inside = [
  'https://169.254.169.254/latest/meta-data',
  'https://10.1.2.3',
  'https://172.31.255.255',
  'https://192.168.0.1:8443',
  'https://100.64.0.1',
  'https://127.0.0.1',
  'https://0.0.0.0',
  'https://255.255.255.255',
  'https://localhost',
  'https://localhost.',
  'https://metadata.localhost',
  'https://[::1]',
  'https://[::]',
  'https://[fd00:ec2::254]',
  'https://[fe80::1]',
  'https://[::ffff:169.254.169.254]',
  'https://[64:ff9b::a9fe:a9fe]',
  // Other spellings of 169.254.169.254, 10.0.0.1 and 127.0.0.1.
  'https://2852039166',
  'https://0xa9fea9fe',
  'https://0251.0376.0251.0376',
  'https://10.1',
  'https://127.1.',
]
const outside = [
  'https://mcp.example.com',
  'https://172.32.0.1',
  'https://9.9.9.9',
  'https://[2606:4700::1111]',
  'https://[::ffff:9.9.9.9]',
  'https://10.example.com',
]

describe('an endpoint', () => {
  it.each(inside)('inside a network is refused: %s', (url) => {
    const refused = expect.objectContaining({ code: 'VAULT_VALUE_INVALID', field: 'issuer' })
    expect(() => parseEndpoint(url, 'issuer', {})).toThrow(refused)
    expect(parseEndpoint(url, 'issuer', { allowPrivateHosts: true })).toEqual(new URL(url))
  })

  it.each(outside)('outside is taken: %s', (url) => {
    expect(parseEndpoint(url, 'issuer', {})).toEqual(new URL(url))
  })

  it('of this machine is taken where plain http to it is, and no other inside', () => {
    const options = { allowInsecureLoopback: true }
    for (const url of ['https://127.0.0.1', 'http://127.0.0.1', 'http://localhost:3000', 'http://[::1]'])
      expect(parseEndpoint(url, 'issuer', options)).toEqual(new URL(url))
    for (const url of ['https://10.1.2.3', 'http://10.1.2.3', 'https://169.254.169.254'])
      expect(() => parseEndpoint(url, 'issuer', options)).toThrow('issuer')
  })
})
