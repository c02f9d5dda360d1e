// Finds order in bytes that should be random: repeats, sequences of constant step, and words that occur again.
import { sameBytes } from '../bytes/index.ts'

const maxPeriod = 16
/** Longer ones leave too few bytes to compare: at 12, the chance for random bytes is 2^-64. */
const maxSequencePeriod = 12

/** The size of words in bytes, and the fewest distinct ones of 32 bytes: fewer have a chance of 2^-55, 2^-55 and 2^-61. */
const minDistinctWords = [
  [2, 12],
  [4, 7],
  [8, 4],
] as const

/** Whether 32 bytes have an order that random ones have with a chance below 2^-50. */
export function hasOrder(bytes: Uint8Array): boolean {
  for (let period = 1; period <= maxPeriod; period++) {
    if (hasConstantStep(bytes, period)) return true
    if (period <= maxSequencePeriod && isSequence(bytes, period)) return true
  }
  return minDistinctWords.some(([size, min]) => {
    const words = wordsOf(bytes, size)
    return distinctOf(words) < min || isCounting(words) || isCounting(words.map((word) => word.toReversed()))
  })
}

/** Whether the items from `period` on are those of `period` before. */
export function isRepeated(items: ArrayLike<number>, period: number): boolean {
  for (let index = period; index < items.length; index++) if (items[index] !== items[index - period]) return false
  return true
}

/** Whether each byte is the one of `period` before plus the same step, which may be zero. */
function hasConstantStep(bytes: Uint8Array, period: number): boolean {
  return new Set(differences(bytes, period)).size === 1
}

/** Whether each place of the period counts on by a step of its own. */
function isSequence(bytes: Uint8Array, period: number): boolean {
  return isRepeated(differences(bytes, period), period)
}

function differences(bytes: Uint8Array, period: number): readonly number[] {
  return [...bytes.subarray(period)].map((byte, index) => (byte - (bytes[index] ?? 0)) & 0xff)
}

function wordsOf(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: bytes.length / size }, (_, index) => bytes.subarray(size * index, size * (index + 1)))
}

// The words are compared as they are: as text or as map keys they would be copies of the key that nobody wipes.
function distinctOf(words: readonly Uint8Array[]): number {
  return words.filter((word, index) => words.findIndex((other) => sameBytes(other, word)) === index).length
}

/** Whether the words, as numbers whose last byte is the lowest, go on by one constant step. */
function isCounting(words: readonly Uint8Array[]): boolean {
  const steps = words.slice(1).map((word, index) => minus(word, words[index] ?? word))
  return distinctOf(steps) === 1
}

/** One number less another, modulo the size of both. */
function minus(from: Uint8Array, less: Uint8Array): Uint8Array {
  const difference = new Uint8Array(from.length)
  let borrow = 0
  for (let index = from.length - 1; index >= 0; index--) {
    const value = (from[index] ?? 0) - (less[index] ?? 0) - borrow
    difference[index] = value & 0xff
    borrow = value < 0 ? 1 : 0
  }
  return difference
}
