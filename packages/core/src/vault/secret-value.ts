// A released value: printed anywhere, it shows nothing; its bytes are wiped when it is disposed of.
import { inspect } from 'node:util'
import { copyBytes, utf8Text, wipe } from '../bytes/index.ts'
import type { ValueEncoding } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'

const mask = '[secret]'

/** What a value is made from. It takes ownership of the bytes, and wipes them. */
export interface SecretValueParts {
  readonly plaintext: Uint8Array
  readonly encoding: ValueEncoding
  readonly version: number
}

/**
 * A secret's value, held in memory that a heap snapshot does not show. Text, JSON, templates and inspection give
 * `[secret]`; only `reveal`, `fields` and `use` give the value.
 */
export class SecretValue {
  readonly #plaintext: Uint8Array
  #disposed = false
  /** `text`, `bytes` or `fields`. */
  readonly encoding: ValueEncoding
  /** The version of the secret that this is. */
  readonly version: number

  constructor({ plaintext, encoding, version }: SecretValueParts) {
    this.#plaintext = plaintext
    this.encoding = encoding
    this.version = version
  }

  /**
   * The text of a `text` value, or the canonical JSON of a `fields` value. The string stays in memory until it is
   * garbage. Throws `VAULT_NOT_SUPPORTED` for bytes, `VAULT_CLOSED` after disposal.
   */
  reveal(): string {
    if (this.encoding === 'bytes') {
      throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'The value is bytes; read it with use().' })
    }
    return this.#text()
  }

  /** The named strings of a `fields` value. Throws `VAULT_NOT_SUPPORTED` for other values. */
  fields(): Readonly<Record<string, string>> {
    if (this.encoding !== 'fields') {
      throw new VaultError('VAULT_NOT_SUPPORTED', {
        detail: 'The value has no fields; read it with reveal() or use().',
      })
    }
    const parsed: Readonly<Record<string, string>> = JSON.parse(this.#text())
    return Object.freeze(parsed)
  }

  /** Calls `fn` with a copy of the bytes, which is zero-filled when `fn` has settled. */
  async use<T>(fn: (bytes: Uint8Array) => T | PromiseLike<T>): Promise<T> {
    const bytes = copyBytes(this.#live())
    try {
      return await fn(bytes)
    } finally {
      wipe(bytes)
    }
  }

  /** Zero-fills the value. Reading it afterwards throws `VAULT_CLOSED`. */
  dispose(): void {
    this.#disposed = true
    wipe(this.#plaintext)
  }

  /** `using value = await github.get('token')` disposes of it at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [Symbol.toPrimitive](): string {
    return mask
  }

  [inspect.custom](): string {
    return mask
  }

  #live(): Uint8Array {
    if (this.#disposed) throw new VaultError('VAULT_CLOSED', { detail: 'The value was disposed of.' })
    return this.#plaintext
  }

  #text(): string {
    const text = utf8Text(this.#live())
    if (text === undefined) throw new VaultError('VAULT_OPEN_FAILED')
    return text
  }
}
