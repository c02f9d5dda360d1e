// Bytes and text, the second part of the foundation.
export { copyBytes, sameBytes, wipe } from './binary.ts'
export { cipherKey, hmacKey, type KeyForm } from './key-form.ts'
export {
  hasFunctions,
  requireArray,
  requireBytes,
  requireDate,
  requireInteger,
  requireObject,
  requireText,
} from './require.ts'
export {
  compareUtf8,
  decodeBase64url,
  decodeHex,
  encodeBase64url,
  encodeHex,
  utf8Bytes,
  utf8Text,
  view,
} from './text.ts'
