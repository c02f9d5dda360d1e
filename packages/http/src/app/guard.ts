// What a write is conditional on, from the headers of the request and from its body.
import { invalidField } from '../http-error.ts'

/** The versions that the vault compares. */
export interface GuardOptions {
  ifVersion?: number
  ifRevision?: number
}

/** Reads `If-Match: "7"`, `If-None-Match: *`, `ifRevision` and `ifVersion`. Throws when two of them disagree. */
export function guardOf(
  { headers }: Request,
  body: { readonly ifVersion?: number | undefined; readonly ifRevision?: number | undefined },
): GuardOptions {
  const { ifVersion } = body
  const match = headers.get('if-match')
  const none = headers.get('if-none-match')
  const given = [
    ...(body.ifRevision === undefined ? [] : [body.ifRevision]),
    ...(match === null ? [] : [revisionOf(match)]),
    ...(none === null ? [] : [noneOf(none)]),
  ]
  const [ifRevision] = given
  if (given.some((each) => each !== ifRevision)) throw invalidField('ifRevision', 'must say the same as the headers.')
  return { ...(ifVersion !== undefined && { ifVersion }), ...(ifRevision !== undefined && { ifRevision }) }
}

/** Some proxies make an ETag weak when they compress; the revision in it is the same. */
function revisionOf(header: string): number {
  const [, digits] = /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim()) ?? []
  if (digits === undefined) throw invalidField('ifMatch', 'must be one revision in quotes, such as "7".')
  return Number(digits)
}

function noneOf(header: string): 0 {
  if (header.trim() === '*') return 0
  throw invalidField('ifNoneMatch', 'must be *.')
}
