// The slow functions from passphrases to keys, with floors against guessing and ceilings against mistakes.

import { pbkdf2, pbkdf2Sync, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { ownOptions } from '../contracts/index.ts'
import { invalidConfig } from './options.ts'

/** scrypt (RFC 7914). The default takes about 128 MiB and half a second. */
export interface ScryptOptions {
  readonly kdf?: 'scrypt'
  /** N, a power of two from 65,536 to 1,048,576. Default 131,072. */
  readonly cost?: number
  /** r, 8 to 32. Default 8. `128 * cost * blockSize` bytes are at most 1 GiB. */
  readonly blockSize?: number
  /** p, 1 to 16. Default 1. */
  readonly parallelization?: number
}

/** PBKDF2 with HMAC (NIST SP 800-132). */
export interface Pbkdf2Options {
  readonly kdf: 'pbkdf2-sha256' | 'pbkdf2-sha512'
  /** 100,000 to 10,000,000. Default 600,000. */
  readonly iterations?: number
}

/** Which function, and its parameters. */
export type KdfOptions = ScryptOptions | Pbkdf2Options

/** A function with its parameters fixed. */
export interface Stretch {
  /** Says the function and every parameter, such as `scrypt-17-8-1`. */
  readonly name: string
  /** 32 bytes. */
  derive(password: Uint8Array, salt: Uint8Array): Promise<Buffer>
}

const keyBytes = 32
const maxScryptBytes = 2 ** 30
const scryptAsync = promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt)
const pbkdf2Async = promisify(pbkdf2)

/** Checks parameters. Throws `VAULT_CONFIG_INVALID`. */
export function parseStretch(given: KdfOptions): Stretch {
  const options = ownOptions(given)
  switch (options.kdf) {
    case undefined:
    case 'scrypt':
      return scryptStretch(options)
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return pbkdf2Stretch(options)
    default:
      throw invalidConfig('kdf', 'must be scrypt, pbkdf2-sha256 or pbkdf2-sha512.')
  }
}

/** PBKDF2 at once, blocking: to compare a passphrase's key with another key before either is used. */
export function pbkdf2Now({ password, salt, iterations }: Pbkdf2Input): Buffer {
  return pbkdf2Sync(password, salt, iterations, keyBytes, 'sha512')
}

interface Pbkdf2Input {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly iterations: number
}

function scryptStretch(options: ScryptOptions): Stretch {
  checkAbsent(options, ['iterations'])
  const { cost = 2 ** 17, blockSize = 8, parallelization = 1 } = options
  checkRange('cost', cost, [2 ** 16, 2 ** 20])
  checkRange('blockSize', blockSize, [8, 32])
  checkRange('parallelization', parallelization, [1, 16])
  const memoryBytes = 128 * cost * blockSize
  if (!Number.isInteger(Math.log2(cost))) throw invalidConfig('cost', 'must be a power of two.')
  if (memoryBytes > maxScryptBytes)
    throw invalidConfig('cost', 'must be lower: the derivation would take more than 1 GiB.')
  const parameters = { cost, blockSize, parallelization, maxmem: 2 * memoryBytes }
  return {
    name: `scrypt-${Math.log2(cost)}-${blockSize}-${parallelization}`,
    derive: (password, salt) => scryptAsync(password, salt, keyBytes, parameters),
  }
}

function pbkdf2Stretch(options: Pbkdf2Options): Stretch {
  checkAbsent(options, ['cost', 'blockSize', 'parallelization'])
  const { kdf, iterations = 600_000 } = options
  checkRange('iterations', iterations, [100_000, 10_000_000])
  const hash = kdf === 'pbkdf2-sha256' ? 'sha256' : 'sha512'
  return {
    name: `${kdf}-${iterations}`,
    derive: (password, salt) => pbkdf2Async(password, salt, iterations, keyBytes, hash),
  }
}

function checkAbsent(options: object, names: readonly string[]): void {
  const other = names.find((name) => name in options)
  if (other !== undefined) throw invalidConfig(other, 'must be absent: it belongs to another kdf.')
}

function checkRange(field: string, value: unknown, [low, high]: readonly [number, number]): void {
  if (typeof value !== 'number') throw new TypeError(`${field} must be a number`)
  if (!Number.isInteger(value) || value < low || value > high) {
    throw invalidConfig(field, `must be an integer from ${low} to ${high}.`)
  }
}
