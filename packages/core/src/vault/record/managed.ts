// What the managed map of a record says of the secret: the hosts it may be sent to, and whether its value is still good.
import { utf8Bytes } from '../../bytes/index.ts'
import type { StoredSecret } from '../../contracts/index.ts'
import { decodeManaged, encodeManaged } from '../../envelope/index.ts'

/**
 * Names in the map, which the record seal covers. What concerns a value begins with its version as 4 bytes, big-endian:
 * it is void for every other version, so that no write of a value has to take it away.
 */
const hostsName = 'hosts'
const freshName = 'fresh-until'
const signInName = 'needs-sign-in'

/** How long the current value can be used. `until` is absent when no end is known. */
export interface Freshness {
  readonly until: Date | undefined
}

/** What is managed for the current version. */
export interface ManagedFacts {
  /** Absent: the secret is not bound to hosts. */
  readonly hosts: readonly string[] | undefined
  /** Absent: nobody has said. */
  readonly freshness: Freshness | undefined
  readonly needsSignIn: boolean
}

type Holder = Pick<StoredSecret, 'managed' | 'currentVersion'>

/** What the map says of the current version. */
export function managedFacts({ managed, currentVersion }: Holder): ManagedFacts {
  if (managed.length === 0) return nothingManaged
  const entries = decodeManaged(managed)
  const fresh = forVersion(entries.get(freshName), currentVersion)
  return {
    hosts: entries.get(hostsName)?.toString('latin1').split('\n'),
    freshness: fresh && { until: fresh.length === 8 ? new Date(Number(fresh.readBigUInt64BE())) : undefined },
    needsSignIn: forVersion(entries.get(signInName), currentVersion) !== undefined,
  }
}

const nothingManaged: ManagedFacts = Object.freeze({ hosts: undefined, freshness: undefined, needsSignIn: false })

/** What to change in the map. What is absent stays; null takes it away. */
export interface ManagedChanges {
  readonly hosts?: readonly string[] | null | undefined
  readonly freshness?: Freshness | null | undefined
  readonly needsSignIn?: true
}

/** The map with these changes, which are about the current version of the record. */
export function withManaged({ managed, currentVersion }: Holder, changes: ManagedChanges): Uint8Array {
  const { hosts, freshness, needsSignIn } = changes
  if (hosts === undefined && freshness === undefined && needsSignIn === undefined) return managed
  const entries = new Map<string, Uint8Array>(decodeManaged(managed))
  if (hosts !== undefined) put(entries, hostsName, hosts && utf8Bytes(hosts.join('\n')))
  if (freshness !== undefined) put(entries, freshName, freshness && freshBytes(currentVersion, freshness))
  if (needsSignIn) entries.set(signInName, versionBytes(currentVersion))
  return encodeManaged(entries)
}

function put(entries: Map<string, Uint8Array>, name: string, value: Uint8Array | null): void {
  if (value === null) entries.delete(name)
  else entries.set(name, value)
}

function freshBytes(version: number, { until }: Freshness): Uint8Array {
  if (until === undefined) return versionBytes(version)
  const at = Buffer.alloc(8)
  at.writeBigUInt64BE(BigInt(until.getTime()))
  return Buffer.concat([versionBytes(version), at])
}

function versionBytes(version: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(version)
  return bytes
}

/** What follows the version, when it is this one. */
function forVersion(value: Buffer | undefined, version: number): Buffer | undefined {
  return value !== undefined && value.length >= 4 && value.readUInt32BE() === version ? value.subarray(4) : undefined
}
