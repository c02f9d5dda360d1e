// The formats: sealed values, wrapped keys, record seals, and the derivations under them.
export { encodeContext, encodeKeyScope, type ValueContext } from './context.ts'
export { kdf } from './kdf.ts'
export { formatKeyId, type KeyIdParts, parseKeyId } from './key-id.ts'
export { keyCheckValue, type LocalUnwrapRequest, type LocalWrapRequest, unwrapLocal, wrapLocal } from './local-wrap.ts'
export { derivePurposeKey, type KeyPurpose } from './purpose-key.ts'
export { encodeRecord } from './record-encoding.ts'
export { type RecordSealRequest, recordSealHolds, sealRecord } from './record-seal.ts'
export {
  defaultMaxValueBytes,
  envelopeOverheadBytes,
  formatMaxValueBytes,
  isSealing,
  type OpenRequest,
  openValue,
  type ParsedSealedValue,
  parseSealedValue,
  type SealRequest,
  sealValue,
} from './sealed-value.ts'
export { decodeTextEnvelope, encodeTextEnvelope } from './text-envelope.ts'
export { isVerifiedRecord, type RecordInVault, rememberRecord, type VerifiedRecord } from './verified-record.ts'
export {
  encodeWrappedKey,
  type ParsedWrappedKey,
  parseWrappedKey,
  type WrappedKeyParts,
  type WrapType,
} from './wrapped-key.ts'
