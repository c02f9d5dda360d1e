// Text to bytes and back, strictly: Node's own decoders skip what they do not understand.

/** UTF-8 bytes in memory of their own, outside Node's shared pool. The string must be well formed. */
export function utf8Bytes(text: string): Buffer {
  const bytes = Buffer.alloc(Buffer.byteLength(text, 'utf8'))
  bytes.write(text, 'utf8')
  return bytes
}

const fatalDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of UTF-8 bytes, or undefined when they are not well-formed UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return fatalDecoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return view(bytes).toString('base64url')
}

/** The bytes of canonical base64url without padding, or undefined: every other spelling is refused. */
export function decodeBase64url(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined
  const bytes = unpooled(Buffer.from(text, 'base64url'))
  return bytes.toString('base64url') === text ? bytes : undefined
}

export function encodeHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex')
}

/** The bytes of an even number of lower-case hex digits, or undefined. */
export function decodeHex(text: string): Buffer | undefined {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return undefined
  return unpooled(Buffer.from(text, 'hex'))
}

/** A Buffer over the same memory. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function unpooled(pooled: Buffer): Buffer {
  const own = Buffer.alloc(pooled.length)
  pooled.copy(own)
  pooled.fill(0)
  return own
}

/** Orders text as its UTF-8 bytes are ordered; `<` orders UTF-16 units, which differs above U+D7FF. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left === right) continue
    const leftIsPair = left >= 0xd800 && left <= 0xdfff
    const rightIsPair = right >= 0xd800 && right <= 0xdfff
    // Surrogates stand for code points above every single unit.
    if (leftIsPair !== rightIsPair) return leftIsPair ? 1 : -1
    return left - right
  }
  return a.length - b.length
}
