// The types of the API, inferred from the schemas that the handler checks by. Types alone: no schema is loaded.
import type { z } from 'zod'
import type { auditExportQuery, auditItem, auditPage, auditQuery, auditReport, verifyBody } from '../schemas/audit.ts'
import type { failure } from '../schemas/common.ts'
import type { grantInfo, grantList } from '../schemas/grants.ts'
import type { health, me } from '../schemas/me.ts'
import type {
  changed,
  listQuery,
  patchBody,
  requireBody,
  requireReport,
  revealBody,
  revealed,
  secretInfo,
  secretPage,
  setBody,
  untrustedInfo,
  versionInfo,
  versionList,
} from '../schemas/secrets.ts'

/** A secret without its value. Times are ISO 8601 text; what is not there is null. */
export type SecretInfo = z.infer<typeof secretInfo>
/** A record that was altered in the store. */
export type UntrustedInfo = z.infer<typeof untrustedInfo>
/** One page of secrets. */
export type SecretPage = z.infer<typeof secretPage>
/** Filters and place of a page of secrets. */
export type ListQuery = z.output<typeof listQuery>
/** Body of a write of a value. */
export type SetSecret = Omit<z.input<typeof setBody>, keyof Guard>
/** Body of a change of settings, or of fields of the value. */
export type PatchSecret = Omit<z.input<typeof patchBody>, keyof Guard>
/** Which version to reveal, and why. */
export type RevealRequest = z.input<typeof revealBody>
/** A value; bytes are base64. */
export type RevealedSecret = z.infer<typeof revealed>
/** One kept version. */
export type VersionInfo = z.infer<typeof versionInfo>
export type VersionList = z.infer<typeof versionList>
/** A permission on one secret. */
export type GrantInfo = z.infer<typeof grantInfo>
export type GrantList = z.infer<typeof grantList>
/** Whether a change was made; false when everything already was as asked. */
export type Changed = z.infer<typeof changed>
/** Which secrets a server or a deployment needs. */
export type RequireRequest = z.input<typeof requireBody>
/** Which of them cannot be used, and why. */
export type RequireReport = z.infer<typeof requireReport>
/** One event of the audit trail. */
export type AuditItem = z.infer<typeof auditItem>
export type AuditPage = z.infer<typeof auditPage>
/** Filters and place of a page of events. */
export type AuditQuery = z.output<typeof auditQuery>
/** Filters of an export. */
export type AuditExportQuery = z.output<typeof auditExportQuery>
/** Checkpoints that were kept elsewhere. */
export type VerifyRequest = z.input<typeof verifyBody>
/** What the check of the trail found. */
export type AuditReport = z.infer<typeof auditReport>
/** The signed-in user. */
export type Me = z.infer<typeof me>
export type Health = z.infer<typeof health>
/** The body of a failure. */
export type Failure = z.infer<typeof failure>

/** Where a secret is. */
export interface SecretAddress {
  readonly server: string
  readonly name: string
  /** Whose it is. Default: of the caller. */
  readonly owner?: string | undefined
}

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** What must still be so for a write to happen. Otherwise the error has the code `VAULT_CONFLICT`. */
export interface Guard {
  /** The revision that must be stored: that of the `SecretInfo` shown before. 0: there is no such secret yet. */
  readonly ifRevision?: number | undefined
  /** The version that must be current. */
  readonly ifVersion?: number | undefined
}

/** Options of a write. */
export interface WriteOptions extends CallOptions, Guard {}

/** To whom a permission is given. */
export interface ShareRequest {
  readonly with: string
  readonly permission: GrantInfo['permission']
  /** The permission holds in this deployment only. */
  readonly deploymentId?: string | undefined
}
