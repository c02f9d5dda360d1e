// The formats: sealed values, wrapped keys, record seals, and the derivations under them.
export { encodeContext, encodeKeyScope, keyScopeHash, type ValueContext } from './context.ts'
export { kdf, labels } from './kdf.ts'
export { fingerprintBytes, formatKeyId, keyFingerprint, parseKeyId } from './key-id.ts'
export { unwrapLocal, wrapLocal } from './local-wrap.ts'
export { decodeManaged, encodeManaged } from './managed.ts'
export { checkpointSeedOf, derivePurposeKey, type KeyPurpose } from './purpose-key.ts'
export { encodeRecord } from './record-encoding.ts'
export { recordEncoding, recordSealHolds, sealEncoded, sealRecord } from './record-seal.ts'
export { publicKeyBytesOf, recoveryKekId, unwrapFromRecovery, wrapToRecovery } from './recovery-wrap.ts'
export {
  formatMaxValueBytes,
  isSealing,
  openValue,
  parseSealedValue,
  sealValue,
} from './sealed-value.ts'
export { decodeTextEnvelope, encodeTextEnvelope } from './text-envelope.ts'
export { keyCheckValue } from './wrap-body.ts'
export {
  encodeWrappedKey,
  type ParsedWrappedKey,
  parseWrappedKey,
  type WrappedKeyParts,
  type WrapType,
} from './wrapped-key.ts'
