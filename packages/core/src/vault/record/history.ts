// Where the history of a secret begins: a name that is set again after its deletion has older versions, which are its owner's alone.
import type { StoredSecret } from '../../contracts/index.ts'
import { decodeManaged, encodeManaged } from '../../envelope/index.ts'
import type { Call } from '../operation.ts'

/** The name in the managed map, which the record seal covers. Its value is the version as 4 bytes, big-endian. */
const firstVersionName = 'first-version'

/** Whether the principal may use a version of a secret that it may read: those from before its history are the owner's. */
export function mayUseVersion({ principal }: Call, { ref, managed }: StoredSecret, version: number): boolean {
  if (managed.length === 0 || principal.id === ref.owner) return true
  const first = decodeManaged(managed).get(firstVersionName)
  return first === undefined || version >= first.readUInt32BE()
}

/** The managed map of a record whose history begins with its current version. */
export function beginningWith({ managed, currentVersion }: Pick<StoredSecret, 'managed' | 'currentVersion'>): Buffer {
  const first = Buffer.alloc(4)
  first.writeUInt32BE(currentVersion)
  return encodeManaged(new Map([...decodeManaged(managed), [firstVersionName, first]]))
}
