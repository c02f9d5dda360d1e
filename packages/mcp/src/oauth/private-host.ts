// Hosts inside a network, by their address: where a server outside has no business to send anybody.
import { BlockList, isIP } from 'node:net'

/** Addresses that are nobody's on the public internet: private, shared, link-local, loopback, multicast, reserved. */
const subnets = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const

const inside = new BlockList()
for (const [address, bits] of subnets) inside.addSubnet(address, bits, familyOf(address))

/**
 * Whether the host of a URL is an address inside a network, or `localhost`. A URL has an address in one spelling, however
 * it was written. What a name leads to is not looked up: by the time of the request it may lead elsewhere.
 */
export function isPrivateHost({ hostname }: URL): boolean {
  const bare = hostname.replace(/^\[|\]$|\.$/g, '')
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true
  return isIP(bare) !== 0 && inside.check(bare, familyOf(bare))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}
