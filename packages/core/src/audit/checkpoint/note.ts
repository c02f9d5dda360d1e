// Checkpoints as signed notes (https://c2sp.org/signed-note): how far each stream had come, and an Ed25519 signature.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { decodeBase64url, decodeHex, encodeBase64url, encodeHex, utf8Bytes, wipe } from '../../bytes/index.ts'
import type { Checkpoint } from '../../contracts/index.ts'
import { macBytes } from '../log/mac.ts'

/** The last row of a stream, as someone knew it. */
export interface StreamHead {
  /** 32 hex digits. */
  readonly stream: string
  readonly sequence: number
  readonly mac: Uint8Array
  /**
   * Set where the signer only saw the row in the store. It had no proof: who writes the database can show it a row that
   * never was. Without it the signer wrote the row itself.
   */
  readonly seen?: true | undefined
}

/** Signs checkpoints of one vault. */
export interface NoteSigner {
  /** The raw Ed25519 public key, base64url. */
  readonly publicKey: string
  sign(statement: { readonly createdAt: Date; readonly heads: readonly StreamHead[] }): Checkpoint
}

/** A signer from the 32-byte seed, which is copied into a key and not kept. */
export function noteSigner(options: { readonly seed: Uint8Array; readonly vaultId: Uint8Array }): NoteSigner {
  const privateKey = privateKeyOf(options.seed)
  const publicKey = rawPublicKey(privateKey)
  const name = keyName(options.vaultId)
  const keyHash = keyHashOf(name, publicKey)
  return {
    publicKey: encodeBase64url(publicKey),
    sign({ createdAt, heads }) {
      const lines = heads.map(headLine).sort()
      const text = `${[`${name}/audit`, createdAt.toISOString(), ...lines].join('\n')}\n`
      const signature = Buffer.concat([keyHash, sign(null, utf8Bytes(text), privateKey)])
      const note = `${text}\n— ${name} ${signature.toString('base64')}\n`
      return { id: noteId(note), createdAt, note }
    },
  }
}

/** Reads a checkpoint: its heads, or undefined when it is of another vault, or not what was signed. */
export type NoteReader = (checkpoint: Checkpoint) => readonly StreamHead[] | undefined

/** A reader for who holds the public key alone (base64url), as printed by `publicKey()` of the trail. */
export function noteReader(options: { readonly publicKey: string; readonly vaultId: Uint8Array }): NoteReader {
  const raw = decodeBase64url(options.publicKey)
  if (raw?.length !== 32) throw new TypeError('The public key of checkpoints is 32 bytes in base64url.')
  const der = Buffer.concat([publicKeyPrefix, raw])
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
  const name = keyName(options.vaultId)
  const keyHash = keyHashOf(name, raw)
  return ({ id, createdAt, note }) => {
    const end = note.indexOf('\n\n') + 1
    const text = note.slice(0, end)
    const signature = signatureOf(note.slice(end), name)
    if (id !== noteId(note) || signature === undefined || !signature.subarray(0, 4).equals(keyHash)) return undefined
    if (!verify(null, utf8Bytes(text), publicKey, signature.subarray(4))) return undefined
    const [origin, time, ...lines] = text.slice(0, -1).split('\n')
    if (origin !== `${name}/audit` || time !== isoTime(createdAt)) return undefined
    const heads = lines.map(parseHead)
    return heads.every((head) => head !== undefined) ? heads : undefined
  }
}

/** The public key that belongs to a seed, base64url. */
export function publicKeyOf(seed: Uint8Array): string {
  return encodeBase64url(rawPublicKey(privateKeyOf(seed)))
}

function headLine({ stream, sequence, mac, seen }: StreamHead): string {
  const line = `${stream} ${sequence} ${encodeHex(mac)}${seen ? ' seen' : ''}`
  // What is signed must be read back as it was meant: never a line of somebody else's.
  if (parseHead(line) === undefined) throw new TypeError('A head of a checkpoint has not the form of one.')
  return line
}

function parseHead(line: string): StreamHead | undefined {
  const [, stream, digits, hex, mark] = headForm.exec(line) ?? []
  if (stream === undefined || digits === undefined || hex === undefined) return undefined
  const mac = decodeHex(hex)
  const sequence = Number(digits)
  if (mac?.length !== macBytes || !Number.isSafeInteger(sequence)) return undefined
  return { stream, sequence, mac, ...(mark !== undefined && { seen: true }) }
}

const headForm = /^([0-9a-f]{32}) (0|[1-9][0-9]{0,15}) ([0-9a-f]+)( seen)?$/

const privateKeyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex')

function privateKeyOf(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new TypeError('The seed of checkpoints is 32 bytes.')
  const der = Buffer.concat([privateKeyPrefix, seed])
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } finally {
    wipe(der)
  }
}

function rawPublicKey(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(publicKeyPrefix.length)
}

function keyName(vaultId: Uint8Array): string {
  return `mcpvault/${encodeHex(vaultId)}`
}

/** A signed note names its key by the first 4 bytes of this hash; 1 stands for Ed25519. */
function keyHashOf(name: string, publicKey: Uint8Array): Buffer {
  return createHash('sha256').update(`${name}\n`).update(Uint8Array.of(1)).update(publicKey).digest().subarray(0, 4)
}

function noteId(note: string): string {
  return createHash('sha256').update(note, 'utf8').digest('hex')
}

/** The four bytes of key hash and 64 of signature in the lines below the text. */
function signatureOf(lines: string, name: string): Buffer | undefined {
  const start = `\n— ${name} `
  const bytes = Buffer.from(lines.slice(start.length, -1), 'base64')
  return bytes.length === 68 && lines === `${start}${bytes.toString('base64')}\n` ? bytes : undefined
}

function isoTime(at: Date): string | undefined {
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
