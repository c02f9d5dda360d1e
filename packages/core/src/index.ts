// The public entry of @mcpvault/core: every name that a server author or an adapter may rely on.
export { examplePolicy } from './access/index.ts'
export {
  type AuditAlarm,
  type AuditLogger,
  type AuditProblem,
  type AuditRecord,
  type AuditVerification,
  auditEventSchema,
  type Burst,
  type BurstAlarmOptions,
  burstAlarm,
  type CallbackSinkOptions,
  callbackSink,
  jsonlSink,
  loggerSink,
  type RowProblem,
  type UntrustedEvent,
  withCorrelation,
} from './audit/index.ts'
export {
  type ArchiveInfo,
  type ArchiveWriter,
  type AuditAction,
  type AuditColumns,
  type AuditCursor,
  type AuditEvent,
  type AuditFilter,
  type AuditLists,
  type AuditOutcome,
  type AuditPlace,
  type AuditRow,
  type AuditSink,
  type AuditStore,
  type AuditStrays,
  type AuditStreamInfo,
  type AuthorizeHook,
  type AuthorizeRequest,
  type Awaitable,
  auditActions,
  type BackupCounts,
  type BackupReport,
  type BackupSource,
  builtInSecretTypes,
  type CallContext,
  type CallOptions,
  type CanaryAlarm,
  type Checkpoint,
  type DataKeyQuery,
  type DataKeyScope,
  type DataKeyStore,
  defaultServer,
  type FailedSink,
  type GeneratedKey,
  type GrantInfo,
  type KeyFailure,
  type KeyProvider,
  type KeyScope,
  type LockStore,
  type MetaStore,
  type Operation,
  type Permission,
  type Policy,
  type PolicyRule,
  type Principal,
  type PutOptions,
  type RuleAction,
  type Scope,
  type SecretCursor,
  type SecretFacts,
  type SecretInfo,
  type SecretQuery,
  type SecretRef,
  type SecretState,
  type SecretStore,
  type SecretUse,
  type StoreChange,
  type StoredDataKey,
  type StoredGrant,
  type StoredSecret,
  type StoredVersion,
  type StoreSupport,
  type Tier,
  type UnreadableItem,
  type UntrustedInfo,
  type ValueEncoding,
  type VaultStore,
  type VersionInfo,
  type VersionSelection,
  type VersionState,
  type WrapRequest,
} from './contracts/index.ts'
export { createVault, type Vault } from './create-vault.ts'
export type { DrillFailure, DrillStep } from './drill/failures.ts'
export type { DrillProgress, RecoveryDrillOptions } from './drill/options.ts'
export { type DrillReport, recoveryDrill } from './drill/recovery-drill.ts'
export {
  decodeManaged,
  decodeTextEnvelope,
  derivePurposeKey,
  encodeManaged,
  encodeTextEnvelope,
  encodeWrappedKey,
  type KeyPurpose,
  keyCheckValue,
  keyFingerprint,
  keyScopeHash,
  type ParsedWrappedKey,
  parseWrappedKey,
  type WrappedKeyParts,
  type WrapType,
} from './envelope/index.ts'
export {
  type ErrorRef,
  isVaultError,
  VaultError,
  type VaultErrorCode,
  type VaultErrorDetails,
  vaultErrorCodes,
} from './errors/index.ts'
export type { ArchivePlace, ListedArchive } from './operator/archive-places.ts'
export type { BackupOptions } from './operator/backup.ts'
export type { BackupVerbs } from './operator/backup-verbs.ts'
export type { KeyCensus } from './operator/census.ts'
export type { DropOptions, DropReport } from './operator/drop-data-key.ts'
export type { ErasureReport } from './operator/erase-owner.ts'
export type { VaultHealth } from './operator/health.ts'
export type { HealthPart } from './operator/health-part.ts'
export type { KeyAge, KeyReport } from './operator/key-ages.ts'
export type { OpenedCounts } from './operator/open-everything.ts'
export type { EraseOptions, VaultOperator, VerifyOptions } from './operator/operator.ts'
export type { PruneOptions, PruneReport } from './operator/prune-backups.ts'
export type { RekeyReport, SkippedSecret } from './operator/rekey.ts'
export type { QuarantinedKey, RewrapOptions, RewrapReport, WrapCounts } from './operator/rewrap.ts'
export type { SweepReport } from './operator/sweep.ts'
export type { Progress, WorkOptions } from './operator/work.ts'
export {
  generateKey,
  generateSalt,
  isKeyVariable,
  type KdfOptions,
  type KeyAlias,
  type KeyFileOptions,
  type KeyFromEnvOptions,
  type KeyRingOptions,
  keyFromEnv,
  keyFromFile,
  keyFromPassphrase,
  keyRing,
  type MultiProviderOptions,
  multiProvider,
  type PassphraseOptions,
  type Pbkdf2Options,
  type RecoveryKeyPair,
  recoveryKey,
  recoveryOpener,
  recoveryPublicKey,
  recoveryRecipient,
  type ScryptOptions,
  sameKeyAcrossEnvironments,
} from './providers/index.ts'
export { type MemoryStoreOptions, memoryStore } from './stores/memory/index.ts'
export { type Clock, systemClock } from './time/index.ts'
export type { CopyProgress, CopyReport } from './transfer/copy-run.ts'
export { type CopyVaultOptions, copyVault } from './transfer/copy-vault.ts'
export type { CredentialVerbs } from './vault/credential-verbs.ts'
export { matchHost } from './vault/match-host.ts'
export type { AuditOptions, VaultLimits, VaultLogger, VaultOptions } from './vault/options.ts'
export type { AccessReportOptions } from './vault/parse/access-report.ts'
export type { CanaryOptions, CanaryShape } from './vault/parse/canary.ts'
export { parseHosts } from './vault/parse/hosts.ts'
export type { AuditLogOptions, ListAllOptions, ListOptions } from './vault/parse/list.ts'
export type { ReadOptions } from './vault/parse/read.ts'
export type { ProbeFinding, RenewedValue, RenewOptions, ValidateOptions } from './vault/parse/renew.ts'
export type { SecretSettings, SetOptions, WriteOptions } from './vault/parse/settings.ts'
export type { ShareOptions, UnshareOptions } from './vault/parse/share.ts'
export type { SecretInput } from './vault/parse/value.ts'
export type { SecretScope } from './vault/scope.ts'
export { isSecretValue, type SecretValue } from './vault/secret-value.ts'
export type { AccessCounts, AccessReport } from './vault/secrets/access-report.ts'
export type { AuditPage } from './vault/secrets/audit-log.ts'
export type { RequireReport } from './vault/secrets/describe.ts'
export type { SecretPage } from './vault/secrets/list.ts'
export type { GetAllResult } from './vault/secrets/read.ts'
export type { RenewCall, RenewFunction } from './vault/secrets/renew.ts'
export type { ProbeCall, ProbeFunction, ValidationReport } from './vault/secrets/validate.ts'
export type { VaultSession } from './vault/session.ts'
export type { TierRules } from './vault/tiers.ts'
export type { WaitOptions } from './vault/wait-options.ts'
