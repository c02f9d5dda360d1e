// The redactor: knows the live values of this process, and keeps them out of what leaves it.
import { Transform } from 'node:stream'
import { types } from 'node:util'
import { createChunks } from './chunks.ts'
import { type ConsoleLike, wrapConsole } from './console.ts'
import { type Leaves, redactDeep } from './deep.ts'
import { replaceInJson } from './json-text.ts'
import { createRegistry, type LiveHandle, type LiveSecret, type Registry } from './registry.ts'
import { eachText } from './scan.ts'
import { findSpans } from './spans.ts'

/** The options of `createRedactor`. */
export interface RedactorOptions {
  /** Values with fewer bytes are left alone, and the logger is notified. Default 6, at least 6. */
  readonly minBytes?: number
  /** How long a retired value is still redacted, in ms. Default 600,000 (10 minutes). */
  readonly graceMs?: number
  /** Uses of values in their grace period; beyond that the oldest are forgotten first. Default 10,000. */
  readonly maxRetired?: number
  /** Notified of each value that is too short, by its label. */
  readonly logger?: { warn(facts: Readonly<Record<string, unknown>>, message: string): void }
  /** The timer of the grace period; another one in tests. It must not keep the process alive. */
  readonly clock?: { schedule(task: () => void, delayMs: number): () => void }
}

/** Keeps live values out of texts, results, errors and logs. It holds these values in memory, which is its purpose. */
export interface Redactor {
  /** The number of different values that are redacted. */
  readonly size: number
  /** Registers a value. The same value may be added often; it is redacted until each of these was removed. */
  add(secret: LiveSecret): LiveHandle
  /**
   * A text with `[secret:server/name]` in the place of each live value, as it is or in base64 (any alignment, either
   * alphabet), hex, or with the escapes of URLs, forms, JSON, JavaScript or HTML, one in another. Valid JSON stays valid.
   */
  redact(text: string): string
  /** The same for bytes, whatever they are; the same array when there was nothing in it. */
  redactBytes(bytes: Uint8Array): Uint8Array
  /** A copy of a value of any shape, redacted in its strings, keys, numbers and bytes, to a depth of 64. */
  redactJson(value: unknown): unknown
  /** The same for a result or a notification of MCP: base64 of blobs, images and audio stays base64. */
  result<Result>(result: Result): Result
  /** A copy of an error of the same class: message, stack, causes, errors and own properties. */
  error(thrown: unknown): unknown
  /** A stream that redacts what is written to it, such as the standard error of a child process. */
  stream(): Transform
  /** Redacts what a console prints, until the function that it returns is called. */
  wrapConsole(console: ConsoleLike): () => void
  /** The `hooks` of a pino logger: each line is redacted as it is written. */
  pinoHooks(): { readonly streamWrite: (line: string) => string }
  /** The labels of the live values in the arguments of a tool, in any of the forms that `redact` finds. */
  scan(value: unknown): readonly string[]
}

/**
 * Makes a redactor. Throws TypeError for options of a wrong type or range.
 *
 * @example
 * const redactor = createRedactor()
 * redactor.add({ value: 'sk-live-2f9a81c3', label: 'github/token' })
 * redactor.redact('Authorization: Bearer sk-live-2f9a81c3') // Authorization: Bearer [secret:github/token]
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const { logger } = options
  const registry = createRegistry({
    minBytes: integer(options.minBytes ?? 6, { field: 'minBytes', min: 6, max: 1_000 }),
    graceMs: integer(options.graceMs ?? 600_000, { field: 'graceMs', min: 0, max: 86_400_000 }),
    maxRetired: integer(options.maxRetired ?? 10_000, { field: 'maxRetired', min: 0, max: 1_000_000 }),
    schedule: options.clock?.schedule.bind(options.clock) ?? afterDelay,
    onTooShort: (label) => warn(logger, label),
  })
  const redact = (text: string): string => redactText(registry, text)
  const redactBytes = (bytes: Uint8Array): Uint8Array => {
    const text = Buffer.from(bytes).toString('latin1')
    const redacted = redact(text)
    return redacted === text ? bytes : Buffer.from(redacted, 'latin1')
  }
  const leaves: Leaves = { text: redact, bytes: redactBytes }
  return Object.freeze({
    get size() {
      return registry.size
    },
    add: (secret) => registry.add(parseSecret(secret)),
    redact,
    redactBytes,
    redactJson: (value) => redactDeep(value, leaves),
    // A redacted result has the shape of the result: texts stay texts, and only a number that is a value becomes one.
    result: <Result>(result: Result) => redactDeep(result, leaves, 'mcp') as Result,
    error: (thrown) => redactError(thrown, leaves),
    stream: () => redactingStream(registry),
    wrapConsole: (target) => wrapConsole(target, leaves),
    pinoHooks: () => ({ streamWrite: redact }),
    scan: (value) => scanValue(registry, value),
  } satisfies Redactor)
}

function redactText(registry: Registry, text: string): string {
  if (typeof text !== 'string') throw new TypeError('text must be a string')
  const spans = findSpans(registry, text)
  return spans.length === 0 ? text : replaceInJson(text, spans)
}

/** What cannot be copied is not let through as it is, since it may hold a value. */
function redactError(thrown: unknown, leaves: Leaves): unknown {
  try {
    return redactDeep(thrown, leaves)
  } catch {
    return new Error('[unreadable]')
  }
}

function scanValue(registry: Registry, value: unknown): readonly string[] {
  const labels = new Set<string>()
  eachText(value, (text) => {
    for (const { live } of findSpans(registry, text)) for (const { label } of live.labels) labels.add(label)
  })
  return [...labels]
}

function redactingStream(registry: Registry): Transform {
  const chunks = createChunks(registry)
  // Latin-1 keeps every byte, also of a character that two chunks share.
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      done(null, Buffer.from(chunks.push(Buffer.from(chunk).toString('latin1')), 'latin1'))
    },
    flush(done) {
      done(null, Buffer.from(chunks.end(), 'latin1'))
    },
  })
}

function warn(logger: RedactorOptions['logger'], label: string): void {
  try {
    logger?.warn({ label }, 'The value is too short to be redacted.')
  } catch {
    // A logger that fails must not fail the call that registers a value.
  }
}

function parseSecret({ value, label }: LiveSecret): LiveSecret {
  if (typeof value !== 'string' && !types.isUint8Array(value))
    throw new TypeError('value must be a string or a Uint8Array')
  if (typeof label !== 'string') throw new TypeError('label must be a string')
  return { value, label }
}

function integer(
  value: number,
  { field, min, max }: { readonly field: string; readonly min: number; readonly max: number },
): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new TypeError(`${field} must be an integer from ${min} to ${max}`)
  }
  return value
}

function afterDelay(task: () => void, delayMs: number): () => void {
  const timer = setTimeout(task, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
