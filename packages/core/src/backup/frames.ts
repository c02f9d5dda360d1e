// Frames: the content of an archive in pieces of 64 KiB, each encrypted so that none can be changed, moved or left out.
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { copyBytes } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import type { ByteReader } from './byte-reader.ts'

/** The plaintext of every frame but the last one, which has 1 to as many bytes. */
export const frameBytes = 65_536
export const tagBytes = 16
const gcmOptions = Object.freeze({ authTagLength: tagBytes })

/** A frame's place, which is its nonce: no two frames of a key have the same, and only the last one says that it is. */
interface FramePlace {
  readonly index: number
  readonly isLast: boolean
}

/** Takes content and gives frames. */
export interface FrameWriter {
  write(bytes: Uint8Array): Promise<void>
  /** Writes the last frame. */
  end(): Promise<void>
}

/** A writer of frames under a key that seals one archive only. */
export function frameWriter(key: KeyObject, send: (frame: Buffer) => Promise<void>): FrameWriter {
  const buffer = Buffer.alloc(frameBytes)
  let filled = 0
  let index = 0
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        // A full buffer waits for more, since the last frame must be known as the last one.
        if (filled === frameBytes) {
          await send(sealFrame(key, { index: index++, isLast: false }, buffer))
          filled = 0
        }
        const part = bytes.subarray(at, at + frameBytes - filled)
        buffer.set(part, filled)
        filled += part.length
        at += part.length
      }
    },
    async end() {
      await send(sealFrame(key, { index, isLast: true }, buffer.subarray(0, filled)))
      buffer.fill(0)
    },
  }
}

/** The content of the frames that a reader has before it. Throws `VAULT_OPEN_FAILED` when it is not what was written. */
export async function* openFrames(key: KeyObject, reader: ByteReader): AsyncGenerator<Buffer> {
  let frame = await reader.take(frameBytes + tagBytes)
  for (let index = 0; ; index++) {
    const next = await reader.take(frameBytes + tagBytes)
    const isLast = next.length === 0
    yield openFrame(key, { index, isLast }, frame)
    if (isLast) return
    frame = next
  }
}

function sealFrame(key: KeyObject, place: FramePlace, content: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(place), gcmOptions)
  const sealed = cipher.update(content)
  cipher.final()
  return copyBytes(Buffer.concat([sealed, cipher.getAuthTag()]))
}

function openFrame(key: KeyObject, place: FramePlace, frame: Buffer): Buffer {
  if (frame.length <= tagBytes) throw notWhole()
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(place), gcmOptions)
  decipher.setAuthTag(frame.subarray(-tagBytes))
  const content = decipher.update(frame.subarray(0, -tagBytes))
  try {
    decipher.final()
  } catch {
    throw notWhole()
  }
  return content
}

/** 11 bytes of counter, then 1 for the last frame and 0 for every other: the STREAM construction, as age has it. */
function nonceOf({ index, isLast }: FramePlace): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(index, 5, 6)
  nonce.writeUInt8(isLast ? 1 : 0, 11)
  return nonce
}

/** The one error for an archive that is not what was written. */
export function notWhole(): VaultError {
  return new VaultError('VAULT_OPEN_FAILED', { detail: 'The archive was altered or cut off.' })
}
