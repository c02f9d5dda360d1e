// The bytes of records that stores keep, for every store that has no better form for them.
export {
  decodeBytesList,
  decodeSecretRecord,
  encodeBytesList,
  encodeSecretRecord,
  type RecordSurroundings,
} from './record.ts'
