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

/** The same in every copy of the package, so that a value of one is known by the other. */
const brand = Symbol.for('mcpvault.SecretValue')

/**
 * A secret's value, held in memory that a heap snapshot does not show. Text, JSON, templates and inspection give
 * `[secret]`; only `reveal`, `fields` and `use` give the value. A type only: at run time, ask `isSecretValue`.
 */
export interface SecretValue {
  /** `text`, `bytes` or `fields`. */
  readonly encoding: ValueEncoding
  /** The version of the secret that this is. */
  readonly version: number
  /**
   * The text of a `text` value, or the canonical JSON of a `fields` value. The string stays in memory until it is
   * garbage. Throws `VAULT_NOT_SUPPORTED` for bytes, `VAULT_CLOSED` after disposal.
   */
  reveal(): string
  /** The named strings of a `fields` value. Throws `VAULT_NOT_SUPPORTED` for other values. */
  fields(): Readonly<Record<string, string>>
  /** Calls `fn` with a copy of the bytes, which is zero-filled when `fn` has settled. */
  use<T>(fn: (bytes: Uint8Array) => T | PromiseLike<T>): Promise<T>
  /** Zero-fills the value. Reading it afterwards throws `VAULT_CLOSED`. */
  dispose(): void
  /** `using value = await github.get('token')` disposes of it at the end of the block. */
  [Symbol.dispose](): void
  /** `[secret]` */
  toString(): string
  /** `[secret]` */
  toJSON(): string
}

/**
 * Whether something is a value that a vault released, also when another copy of the package made it.
 *
 * @example
 * ```ts
 * import { createVault, generateKey, isSecretValue, keyRing, memoryStore } from '@mcpvault/core'
 *
 * const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
 * const vault = createVault({ keys, store: memoryStore() })
 * const github = vault.as({ id: 'alice' }).scope({ server: 'github' })
 * await github.set('token', 'a token of alice')
 * console.log(isSecretValue(await github.get('token'))) // true
 * console.log(isSecretValue('a token of alice')) // false
 * await vault.close()
 * ```
 */
export function isSecretValue(value: unknown): value is SecretValue {
  return typeof value === 'object' && value !== null && brand in value && value[brand] === true
}

/** The one implementation. It is not exported by the package: callers get values from a vault. */
export class MaskedValue implements SecretValue {
  readonly #plaintext: Uint8Array
  #disposed = false
  readonly encoding: ValueEncoding
  readonly version: number

  constructor({ plaintext, encoding, version }: SecretValueParts) {
    this.#plaintext = plaintext
    this.encoding = encoding
    this.version = version
  }

  reveal(): string {
    if (this.encoding === 'bytes') {
      throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'The value is bytes; read it with use().' })
    }
    return this.#text()
  }

  fields(): Readonly<Record<string, string>> {
    if (this.encoding !== 'fields') {
      throw new VaultError('VAULT_NOT_SUPPORTED', {
        detail: 'The value has no fields; read it with reveal() or use().',
      })
    }
    const parsed: Readonly<Record<string, string>> = JSON.parse(this.#text())
    return Object.freeze(parsed)
  }

  async use<T>(fn: (bytes: Uint8Array) => T | PromiseLike<T>): Promise<T> {
    const bytes = copyBytes(this.#live())
    try {
      return await fn(bytes)
    } finally {
      wipe(bytes)
    }
  }

  dispose(): void {
    this.#disposed = true
    wipe(this.#plaintext)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  /** On the prototype, so that it costs a value nothing. */
  get [brand](): true {
    return true
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
