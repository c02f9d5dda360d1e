// Bytes and text, the second part of the foundation.
export { copyBytes, sameBytes, wipe } from './binary.ts'
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
