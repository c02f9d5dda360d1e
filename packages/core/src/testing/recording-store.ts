// A store that remembers every byte that passed, in either direction, so that tests can look for plaintext.

import type { VaultStore } from '../contracts/index.ts'
import { isPromiseLike } from '../time/index.ts'
import { interceptStore } from './intercept.ts'

/** How a value was found written. */
export type Spelling = 'raw' | 'hex' | 'base64' | 'base64url'

/** A store that can be asked what it has seen. */
export interface RecordingStore extends VaultStore {
  /** The names of the calls, such as `secrets.put`, in order. */
  readonly calls: readonly string[]
  /**
   * How the value was written when it went to or came from the store, as it is or encoded, or undefined when it never
   * did. It must not be empty.
   */
  spellingOf(value: string | Uint8Array): Spelling | undefined
  /** Forgets everything seen so far. */
  forget(): void
}

/** Wraps a store and keeps a copy of all text and bytes in arguments and results. */
export function recordingStore(store: VaultStore): RecordingStore {
  const calls: string[] = []
  const seen: Buffer[] = []
  const recording = interceptStore(store, ({ name, args, run }) => {
    calls.push(name)
    collect(args, seen)
    const answer = run()
    if (isPromiseLike(answer)) return remember(answer, seen)
    collect(answer, seen)
    return answer
  })
  return {
    ...recording,
    calls,
    spellingOf(value) {
      const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value)
      const hex = Buffer.from(bytes.toString('hex'))
      if (seen.some((piece) => piece.includes(bytes))) return 'raw'
      if (seen.some((piece) => Buffer.from(piece.toString('latin1').toLowerCase(), 'latin1').includes(hex)))
        return 'hex'
      for (const spelling of ['base64', 'base64url'] as const) {
        const digits = wholeDigits(bytes, spelling)
        if (digits.length > 0 && seen.some((piece) => digits.some((text) => piece.includes(text)))) return spelling
      }
      return undefined
    },
    forget() {
      calls.length = 0
      seen.length = 0
    },
  }
}

async function remember(answer: PromiseLike<unknown>, seen: Buffer[]): Promise<unknown> {
  const value = await answer
  collect(value, seen)
  return value
}

function collect(value: unknown, seen: Buffer[]): void {
  if (value instanceof Uint8Array) seen.push(Buffer.from(value))
  else if (typeof value === 'string') seen.push(Buffer.from(value, 'utf8'))
  else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      // Reading a signal can make one, which would change what the caller does.
      if (key !== 'signal') collect(Reflect.get(value, key), seen)
    }
  }
}

/** The digits that the value alone decides, for each of the three places it can have among others. */
function wholeDigits(bytes: Buffer, spelling: 'base64' | 'base64url'): string[] {
  return [0, 1, 2]
    .map((shift) => {
      const end = bytes.length - ((shift + bytes.length) % 3)
      const digits = Buffer.concat([Buffer.alloc(shift), bytes.subarray(0, Math.max(0, end))]).toString(spelling)
      return digits.slice(shift === 0 ? 0 : shift + 1)
    })
    .filter((digits) => digits.length >= 4)
}
