// How what the vault answers looks in JSON: times as ISO 8601, null for what is not there.
import { Buffer } from 'node:buffer'
import type {
  AuditPage,
  AuditRecord,
  GrantInfo,
  SecretInfo,
  SecretPage,
  SecretRef,
  UntrustedEvent,
  UntrustedInfo,
  VersionInfo,
} from '@mcpvault/core'
import type { z } from 'zod'
import type { auditItem, auditPage, untrustedItem } from '../schemas/audit.ts'
import type { grantInfo } from '../schemas/grants.ts'
import type { secretInfo, secretPage, untrustedInfo, versionInfo } from '../schemas/secrets.ts'

/** Owner, server and name as one text. It says where a secret is, and gives nobody a permission. */
export function handleOf({ owner, server, name }: SecretRef): string {
  return Buffer.from(JSON.stringify([owner, server, name]), 'utf8').toString('base64url')
}

/** Where a handle points; undefined for a text that is none. */
export function refOfHandle(handle: string): SecretRef | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(handle, 'base64url').toString('utf8'))
    if (!Array.isArray(parts) || parts.length !== 3) return undefined
    const [owner, server, name]: readonly unknown[] = parts
    const areTexts = typeof owner === 'string' && typeof server === 'string' && typeof name === 'string'
    // One text for each secret: no other spelling of it is taken.
    return areTexts && handleOf({ owner, server, name }) === handle ? { owner, server, name } : undefined
  } catch {
    return undefined
  }
}

export function secretJson(info: SecretInfo): z.infer<typeof secretInfo> {
  const { id, owner, server, name, type, tier, state, isActive, encoding, version, revision, useCount } = info
  const { needsSignIn, isCanary } = info
  return {
    handle: handleOf(info),
    id,
    owner,
    server,
    name,
    type,
    tier,
    description: info.description ?? null,
    tags: [...info.tags],
    state,
    isActive,
    encoding,
    version,
    revision,
    expiresAt: info.expiresAt?.toISOString() ?? null,
    hosts: info.hosts === undefined ? null : [...info.hosts],
    freshUntil: info.freshUntil?.toISOString() ?? null,
    needsSignIn,
    createdAt: info.createdAt.toISOString(),
    updatedAt: info.updatedAt.toISOString(),
    lastUsedAt: info.lastUsedAt?.toISOString() ?? null,
    useCount,
    ...(isCanary && { isCanary }),
  }
}

export function pageJson({ items, cursor }: SecretPage): z.infer<typeof secretPage> {
  return {
    items: items.map((item) => (item.state === 'untrusted' ? untrustedJson(item) : secretJson(item))),
    cursor: cursor ?? null,
  }
}

function untrustedJson({ owner, server, name, state }: UntrustedInfo): z.infer<typeof untrustedInfo> {
  return { handle: handleOf({ owner, server, name }), owner, server, name, state }
}

export function versionJson({ createdAt, ...info }: VersionInfo): z.infer<typeof versionInfo> {
  return { ...info, createdAt: createdAt.toISOString() }
}

export function grantJson({ grantedAt, deploymentId, ...info }: GrantInfo): z.infer<typeof grantInfo> {
  return { ...info, grantedAt: grantedAt.toISOString(), deploymentId: deploymentId ?? null }
}

export function auditJson({ items, untrusted, cursor }: AuditPage): z.infer<typeof auditPage> {
  return { items: items.map(auditItemJson), untrusted: untrusted.map(untrustedEventJson), cursor: cursor ?? null }
}

/** JSON leaves out what is undefined. */
export function auditItemJson({ event, at, stream, sequence }: AuditRecord): z.infer<typeof auditItem> {
  const { roles, ...rest } = event
  return { at: at.toISOString(), stream, sequence, ...rest, ...(roles && { roles: [...roles] }) }
}

export function untrustedEventJson({ at, stream, sequence }: UntrustedEvent): z.infer<typeof untrustedItem> {
  // A row that somebody else wrote may have no possible time.
  return { at: Number.isNaN(at.getTime()) ? null : at.toISOString(), stream, sequence }
}
