// Reads an archive as docs/backup-format.md describes it, with node:crypto alone and nothing of the sources.
import { createDecipheriv, createHash, createHmac } from 'node:crypto'

/** An entry as its bytes say. */
export interface PlainEntry {
  readonly kind: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly blobs: readonly string[]
}

export function readByPage(archive: Buffer, masterKey: Buffer): { header: unknown; entries: readonly PlainEntry[] } {
  const headerEnd = 8 + archive.readUInt32BE(4)
  if (archive.subarray(0, 4).toString('hex') !== '4d434101') throw new Error('magic')
  const header = JSON.parse(archive.subarray(8, headerEnd).toString())
  const wrap = Buffer.from(header.wraps[0], 'base64url')
  const keys = kdf(unwrap(wrap, masterKey, Buffer.from(header.vault, 'hex')), 'archive', archive.subarray(0, headerEnd))
  if (!archive.subarray(headerEnd, headerEnd + 32).equals(keys.subarray(32))) throw new Error('commitment')
  const frames = archive.subarray(headerEnd + 32)
  const pieces: Buffer[] = []
  for (let at = 0; at < frames.length; at += 65_552) {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(at / 65_552, 7)
    nonce[11] = at + 65_552 >= frames.length ? 1 : 0
    pieces.push(decrypt({ key: keys.subarray(0, 32), nonce, sealed: frames.subarray(at, at + 65_552) }))
  }
  return { header, entries: entriesOf(Buffer.concat(pieces)) }
}

function kdf(key: Buffer, label: string, context: Buffer): Buffer {
  const text = Buffer.concat([
    Buffer.from([0, 0, 0, 1]),
    Buffer.from(`mcpvault/1/${label}\0`),
    context,
    Buffer.from([0, 0, 2, 0]),
  ])
  return createHmac('sha512', key).update(text).digest()
}

/** An MCK1 record of a local key: salt, commitment, ciphertext and tag are its last 112 bytes. */
function unwrap(wrap: Buffer, masterKey: Buffer, vaultId: Buffer): Buffer {
  const body = wrap.subarray(-112)
  const salt = body.subarray(0, 32)
  const scope = Buffer.concat([Buffer.from([1]), vaultId, Buffer.from('0300000000', 'hex')])
  const aad = Buffer.concat([wrap.subarray(0, -112), scope, salt])
  const keys = kdf(masterKey, 'wrap', aad)
  return decrypt({ key: keys.subarray(0, 32), nonce: salt.subarray(20), sealed: body.subarray(64), aad })
}

function decrypt({
  key,
  nonce,
  sealed,
  aad = Buffer.alloc(0),
}: {
  key: Buffer
  nonce: Buffer
  sealed: Buffer
  aad?: Buffer
}): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
}

function entriesOf(content: Buffer): readonly PlainEntry[] {
  const entries: PlainEntry[] = []
  for (let at = 0; at < content.length; ) {
    const end = at + 4 + content.readUInt32BE(at)
    const parts: Buffer[] = []
    for (let part = at + 5; part < end; part += 4 + content.readUInt32BE(part))
      parts.push(content.subarray(part + 4, part + 4 + content.readUInt32BE(part)))
    const [fields, ...blobs] = parts
    const kind = content.readUInt8(at + 4)
    if (
      kind === 7 &&
      !createHash('sha256')
        .update(content.subarray(0, at))
        .digest()
        .equals(blobs[0] ?? Buffer.alloc(0))
    )
      throw new Error('digest')
    entries.push({ kind, fields: JSON.parse(String(fields)), blobs: blobs.map((blob) => blob.toString('hex')) })
    at = end
  }
  return entries
}
