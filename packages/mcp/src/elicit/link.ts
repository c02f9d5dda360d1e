// A link to the page: for whom it is, what it asks for, and until when. All of it is sealed in the link itself.
import { randomBytes } from 'node:crypto'
import { openText, sealText } from './sealed.ts'

/** A secret of the link's principal. */
export interface WantedSecret {
  readonly server: string
  readonly name: string
}

export interface Link {
  /** 32 hex digits; the `elicitationId` of the revision 2025-11-25. */
  readonly id: string
  readonly principal: string
  readonly expiresAtMs: number
  readonly secrets: readonly WantedSecret[]
}

/** Where a call stands between two rounds of the revision 2026-07-28. */
export interface RequestState extends Omit<Link, 'secrets'> {
  /** `opened`: the user has agreed to open the link. */
  readonly phase: 'asked' | 'opened'
}

/** More are asked for in the next call, so that a link stays short enough for every server. */
export const maxSecretsOfLink = 8
const maxNameBytes = 1_400

/** As many secrets as one link holds, and at least one. */
export function fittingSecrets(secrets: readonly WantedSecret[]): readonly WantedSecret[] {
  let bytes = 0
  return secrets.slice(0, maxSecretsOfLink).filter(({ server, name }, index) => {
    bytes += Buffer.byteLength(server) + Buffer.byteLength(name)
    return index === 0 || bytes <= maxNameBytes
  })
}

export function newLinkId(): string {
  return randomBytes(16).toString('hex')
}

export function sealLink(key: Uint8Array, { id, principal, expiresAtMs, secrets }: Link): string {
  const wanted = secrets.map(({ server, name }) => [server, name])
  return sealText(key, 'link', { i: id, p: principal, e: expiresAtMs, s: wanted })
}

export function openLink(key: Uint8Array, text: string): Link | undefined {
  const payload = recordOf(openText(key, 'link', text))
  const head = headOf(payload)
  const wanted: readonly unknown[] = Array.isArray(payload['s']) ? payload['s'] : []
  const secrets = wanted.flatMap((each) => {
    const [server, name]: readonly unknown[] = Array.isArray(each) ? each : []
    return typeof server === 'string' && typeof name === 'string' ? [{ server, name }] : []
  })
  return head === undefined || secrets.length === 0 ? undefined : { ...head, secrets }
}

export function sealState(key: Uint8Array, { id, principal, expiresAtMs, phase }: RequestState): string {
  return sealText(key, 'request-state', { i: id, p: principal, e: expiresAtMs, h: phase })
}

export function openState(key: Uint8Array, text: string): RequestState | undefined {
  const payload = recordOf(openText(key, 'request-state', text))
  const head = headOf(payload)
  return head === undefined ? undefined : { ...head, phase: payload['h'] === 'opened' ? 'opened' : 'asked' }
}

function headOf(payload: Readonly<Record<string, unknown>>): Omit<Link, 'secrets'> | undefined {
  const { i: id, p: principal, e: expiresAtMs } = payload
  if (typeof id !== 'string' || typeof principal !== 'string' || typeof expiresAtMs !== 'number') return undefined
  return { id, principal, expiresAtMs }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
