// Well-formed rows for tests, the same in every run: what is not given is derived from the names.
import { createHash } from 'node:crypto'
import type {
  AuditColumns,
  AuditRow,
  Checkpoint,
  DataKeyScope,
  SecretRef,
  StoredDataKey,
  StoredGrant,
  StoredSecret,
  StoredVersion,
} from '../../contracts/index.ts'

/** An instant that is `seconds` after the start of all samples, with milliseconds that are not zero. */
export function sampleTime(seconds = 0): Date {
  return new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678) + seconds * 1000)
}

/** 32 bytes that depend on `label` alone. */
export function sampleBytes(label: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(label).digest())
}

/** 32 hex digits that depend on `label` alone. */
export function sampleHexId(label: string): string {
  return createHash('sha256').update(label).digest('hex').slice(0, 32)
}

/** A random-looking UUID that depends on `label` alone. */
export function sampleUuid(label: string): string {
  const hex = sampleHexId(label)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

export function sampleRef(part: Partial<SecretRef> = {}): SecretRef {
  return { owner: 'alice', server: 'github', name: 'token', ...part }
}

export function sampleVersion(part: Partial<StoredVersion> = {}): StoredVersion {
  const version = part.version ?? 1
  return {
    version,
    encoding: 'text',
    state: 'active',
    commitment: sampleBytes(`commitment ${version}`),
    createdAt: sampleTime(version),
    createdBy: 'alice',
    envelope: sampleBytes(`envelope ${version}`),
    ...part,
  }
}

export function sampleGrant(part: Partial<StoredGrant> = {}): StoredGrant {
  return { principal: 'bob', permission: 'read', grantedBy: 'alice', grantedAt: sampleTime(7), ...part }
}

/** A new record of one version, without grants. Its id depends on its ref. */
export function sampleSecret(part: Partial<StoredSecret> = {}): StoredSecret {
  const ref = part.ref ?? sampleRef()
  const label = JSON.stringify([ref.owner, ref.server, ref.name])
  return {
    id: sampleUuid(label),
    ref,
    revision: 1,
    currentVersion: 1,
    state: 'active',
    type: 'api_key',
    tier: 2,
    tags: [],
    createdAt: sampleTime(1),
    updatedAt: sampleTime(1),
    useCount: 0,
    dekId: sampleHexId('data key'),
    mac: sampleBytes(`seal of ${label}`),
    managed: new Uint8Array(0),
    grants: [],
    versions: [sampleVersion()],
    ...part,
  }
}

/** The record as its next `put` would have it. */
export function nextRevision(record: StoredSecret, part: Partial<StoredSecret> = {}): StoredSecret {
  const revision = record.revision + 1
  return { ...record, revision, updatedAt: sampleTime(revision), mac: sampleBytes(`seal ${revision}`), ...part }
}

/** A record that has every optional field and more than one of everything. */
export function fullSecret(part: Partial<StoredSecret> = {}): StoredSecret {
  return sampleSecret({
    currentVersion: 2,
    description: 'deploys the site',
    tags: ['ci', 'web'],
    expiresAt: sampleTime(3600),
    lastUsedAt: sampleTime(60),
    useCount: 41,
    managed: sampleBytes('managed'),
    grants: [
      sampleGrant({ principal: 'bob', permission: 'read' }),
      sampleGrant({ principal: 'carol', permission: 'admin', deploymentId: 'blue' }),
    ],
    versions: [
      sampleVersion({ version: 1, state: 'retired', createdBy: 'carol' }),
      sampleVersion({ version: 2, encoding: 'fields' }),
      sampleVersion({ version: 3, encoding: 'bytes', state: 'pending' }),
    ],
    ...part,
  })
}

export function sampleScope(part: Partial<DataKeyScope> = {}): DataKeyScope {
  return { kind: 'values', owner: 'alice', server: 'github', ...part }
}

/** An active data key. */
export function sampleDataKey(part: Partial<StoredDataKey> & { readonly label?: string } = {}): StoredDataKey {
  const { label = 'data key', ...given } = part
  return {
    id: sampleHexId(label),
    scope: sampleScope(),
    state: 'active',
    wraps: [sampleBytes(`wrap of ${label}`)],
    revision: 1,
    createdAt: sampleTime(1),
    ...given,
  }
}

interface SampleAuditRow {
  /** Default: the id of the stream `a`. */
  readonly stream?: string
  /** Default 0. */
  readonly sequence?: number
  readonly columns?: Partial<AuditColumns>
  /** Makes another mac for the same place. */
  readonly fork?: string
}

/** The id of the stream that is called `label`. */
export function sampleStream(label: string): string {
  return sampleHexId(`stream ${label}`)
}

export function sampleAuditRow({ stream, sequence = 0, columns, fork = '' }: SampleAuditRow = {}): AuditRow {
  const streamId = stream ?? sampleStream('a')
  const label = `${streamId} ${sequence} ${fork}`
  return {
    stream: streamId,
    sequence,
    mac: sampleBytes(`mac ${label}`),
    body: new TextEncoder().encode(JSON.stringify({ label })),
    columns: {
      at: sampleTime(sequence),
      action: 'secret.accessed',
      outcome: 'allowed',
      principal: 'alice',
      ...columns,
    },
  }
}

export function sampleCheckpoint(part: Partial<Checkpoint> & { readonly label?: string } = {}): Checkpoint {
  const { label = 'first', ...given } = part
  return { id: sampleHexId(`checkpoint ${label}`), createdAt: sampleTime(1), note: `note ${label}\n`, ...given }
}
