// The public entries: every name of them by hand, and what their types promise.
import { describe, expect, expectTypeOf, it } from 'vitest'
import * as adapter from '../src/adapter/index.ts'
import * as backup from '../src/backup/index.ts'
import * as importing from '../src/import/index.ts'
import * as core from '../src/index.ts'
import * as presets from '../src/presets/index.ts'
import * as testing from '../src/testing/index.ts'

describe('@mcpvault/core', () => {
  it('exports these values and no others', () => {
    expect(Object.keys(core).sort()).toEqual([
      'VaultError',
      'auditActions',
      'auditEventSchema',
      'builtInSecretTypes',
      'burstAlarm',
      'callbackSink',
      'copyVault',
      'createVault',
      'decodeManaged',
      'decodeTextEnvelope',
      'defaultServer',
      'derivePurposeKey',
      'encodeManaged',
      'encodeTextEnvelope',
      'encodeWrappedKey',
      'examplePolicy',
      'generateKey',
      'generateSalt',
      'isKeyVariable',
      'isSecretValue',
      'isVaultError',
      'jsonlSink',
      'keyCheckValue',
      'keyFingerprint',
      'keyFromEnv',
      'keyFromFile',
      'keyFromPassphrase',
      'keyRing',
      'keyScopeHash',
      'loggerSink',
      'matchHost',
      'memoryStore',
      'multiProvider',
      'parseHosts',
      'parseWrappedKey',
      'recoveryDrill',
      'recoveryKey',
      'recoveryOpener',
      'recoveryPublicKey',
      'recoveryRecipient',
      'sameKeyAcrossEnvironments',
      'systemClock',
      'vaultErrorCodes',
      'withCorrelation',
    ])
  })

  it('[S3] has the encryption, the vault, the audit trail, the rules of access and their types in one entry', () => {
    const {
      createVault,
      decodeTextEnvelope,
      encodeTextEnvelope,
      examplePolicy,
      jsonlSink,
      loggerSink,
      withCorrelation,
    } = core
    const functions = [createVault, decodeTextEnvelope, encodeTextEnvelope, jsonlSink, loggerSink, withCorrelation]
    for (const each of functions) expect(each).toBeTypeOf('function')
    expect(Object.keys(examplePolicy.roles).length).toBeGreaterThan(0)
    expectTypeOf<core.Policy>().toHaveProperty('roles')
    expectTypeOf<core.AuditEvent>().toHaveProperty('action')
    expectTypeOf<core.SecretRef>().toHaveProperty('owner')
  })

  it('[S27] describes a secret without a value', () => {
    expectTypeOf<core.SecretInfo>().not.toHaveProperty('value')
    expectTypeOf<core.UntrustedInfo>().toEqualTypeOf<{
      readonly owner: string
      readonly server: string
      readonly name: string
      readonly state: 'untrusted'
    }>()
    expectTypeOf<core.SecretInfo['isActive']>().toEqualTypeOf<boolean>()
  })

  it('[N19] takes a principal as a typed argument of its own, and no secret without one', () => {
    expectTypeOf<core.Vault['as']>().parameter(0).toEqualTypeOf<core.Principal>()
    expectTypeOf<core.Principal['id']>().toEqualTypeOf<string>()
    expectTypeOf<core.Vault>().not.toHaveProperty('get')
    expectTypeOf<core.Vault>().not.toHaveProperty('scope')
    expectTypeOf<core.VaultOperator>().not.toHaveProperty('get')
  })

  it('takes `undefined` for what a caller does not know of itself or of the call', () => {
    expectTypeOf<{ id: string; roles: undefined }>().toExtend<core.Principal>()
    expectTypeOf<{ [Field in keyof core.CallContext]-?: undefined }>().toExtend<core.CallContext>()
  })

  it('[S26] types what `set` takes', () => {
    expectTypeOf<core.SecretScope['set']>().parameter(2).toEqualTypeOf<core.SetOptions | undefined>()
    expectTypeOf<core.SetOptions['tier']>().toEqualTypeOf<1 | 2 | 3 | undefined>()
    expectTypeOf<core.SetOptions['expiresAt']>().toEqualTypeOf<Date | null | undefined>()
  })

  it('says of an absent secret that it is undefined', () => {
    expectTypeOf<core.SecretScope['get']>().returns.resolves.toEqualTypeOf<core.SecretValue | undefined>()
  })
})

describe('@mcpvault/core/adapter', () => {
  it('exports these values and no others', () => {
    expect(Object.keys(adapter).sort()).toEqual([
      'afterTurn',
      'allEnvelopes',
      'appendOnce',
      'auditColumnValues',
      'auditColumnsOf',
      'backOffMs',
      'batchCalls',
      'callSafely',
      'changeMessages',
      'decodeBytesList',
      'decodeSecretRecord',
      'decodeWraps',
      'encodeBytesList',
      'encodeSecretRecord',
      'guardCalls',
      'heartbeat',
      'inspectionOf',
      'isLoopbackHost',
      'keyServiceProvider',
      'matchesAuditFilter',
      'matchesSecretQuery',
      'missingAuditRows',
      'oneEnvelope',
      'ownOptions',
      'planMigrations',
      'refuseFork',
      'refuseOtherClient',
      'requireMigrations',
      'safeLogger',
      'untilAborted',
      'warnOfPlainConnections',
    ])
  })
})

describe('@mcpvault/core/backup', () => {
  it('exports these values and no others', () => {
    expect(Object.keys(backup).sort()).toEqual([
      'archiveFolder',
      'archiveTo',
      'fileSink',
      'fileSource',
      'restore',
      'verifyBackup',
    ])
  })
})

describe('@mcpvault/core/import', () => {
  it('exports these values and no others', () => {
    expect(Object.keys(importing).sort()).toEqual(['envSecrets', 'importSecrets'])
  })
})

describe('@mcpvault/core/presets', () => {
  it('exports these values and no others', () => {
    expect(Object.keys(presets).sort()).toEqual([
      'detectPreset',
      'findPreset',
      'generateSecret',
      'parseDotEnv',
      'presets',
      'previewImport',
      'secretNameProblem',
    ])
  })
})

describe('@mcpvault/core/testing', () => {
  it('exports these values and no others', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'countingProvider',
      'failingProvider',
      'faultStore',
      'fullSecret',
      'interceptStore',
      'keyProviderConformance',
      'manualClock',
      'nextRevision',
      'recordingStore',
      'sampleAuditRow',
      'sampleCheckpoint',
      'sampleDataKey',
      'sampleGrant',
      'sampleRef',
      'sampleScope',
      'sampleSecret',
      'sampleVersion',
      'storeConformance',
    ])
  })
})
