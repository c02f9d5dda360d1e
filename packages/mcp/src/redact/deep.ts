// Redacts values of any shape: strings, keys, numbers and bytes at any depth, errors, maps and cycles.
import { types } from 'node:util'
import { base64Bytes } from './base64.ts'
import { isProtocolWord } from './protocol-words.ts'

/** What redacts the leaves. */
export interface Leaves {
  readonly text: (text: string) => string
  readonly bytes: (bytes: Uint8Array) => Uint8Array
}

/** `mcp`: base64 in a `blob`, and in the `data` of images and audio, is redacted in its bytes and stays base64. */
export type Shape = 'plain' | 'mcp'

/** How deep a value is followed. What lies deeper is replaced, since it was not looked at. */
export const maxDepth = 64
/** How many values are copied at once. What comes later is replaced as well. */
export const maxNodes = 1_000_000
const tooDeep = '[too deep to redact]'
const tooMany = '[too much to redact]'
const unreadable = '[unreadable]'

interface Walk {
  readonly leaves: Leaves
  readonly shape: Shape
  /** The copy of each object, for cycles and for what stands in two places. */
  readonly copies: Map<object, unknown>
  nodes: number
}

/** A copy without live values. Objects of classes become plain ones, as in JSON; errors stay errors. */
export function redactDeep(value: unknown, leaves: Leaves, shape: Shape = 'plain'): unknown {
  return copyOf({ leaves, shape, copies: new Map(), nodes: 0 }, value, 0)
}

function copyOf(walk: Walk, value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanWord(walk, value)
  if (typeof value === 'number' || typeof value === 'bigint') return redactNumber(walk, value)
  if (typeof value === 'function' || typeof value === 'symbol') return redactNamed(walk, value)
  if (typeof value !== 'object' || value === null) return value
  const known = walk.copies.get(value)
  if (known !== undefined) return known
  if (depth >= maxDepth) return tooDeep
  walk.nodes += 1
  if (walk.nodes > maxNodes) return tooMany
  return copyObject(walk, value, depth)
}

function cleanWord({ leaves }: Walk, text: string): string {
  return isProtocolWord(text) ? text : leaves.text(text)
}

function redactNumber(walk: Walk, value: number | bigint): unknown {
  const text = String(value)
  const redacted = walk.leaves.text(text)
  return redacted === text ? value : redacted
}

/** What has a name may have a live value in it, and is shown by its name alone. */
function redactNamed({ leaves }: Walk, value: symbol | { readonly name: string }): unknown {
  const text = String(typeof value === 'symbol' ? value.description : value.name)
  const redacted = leaves.text(text)
  return redacted === text ? value : redacted
}

function copyObject(walk: Walk, value: object, depth: number): unknown {
  const keep = <T extends object>(copy: T): T => {
    walk.copies.set(value, copy)
    return copy
  }
  const inner = (each: unknown): unknown => copyOf(walk, each, depth + 1)
  if (types.isUint8Array(value)) return keep(walk.leaves.bytes(value))
  if (types.isAnyArrayBuffer(value) || types.isDataView(value)) return keep(walk.leaves.bytes(viewOf(value)))
  if (types.isDate(value) || types.isRegExp(value))
    return isClean(walk, value) ? value : walk.leaves.text(String(value))
  if (types.isNativeError(value) || value instanceof Error) return copyError(walk, value, { keep, inner })
  if (Array.isArray(value)) {
    const copy = keep<unknown[]>([])
    for (const each of value) copy.push(inner(each))
    return copy
  }
  if (types.isMap(value)) {
    const copy = keep(new Map<unknown, unknown>())
    for (const [key, each] of value) copy.set(inner(key), inner(each))
    return copy
  }
  if (types.isSet(value)) {
    const copy = keep(new Set<unknown>())
    for (const each of value) copy.add(inner(each))
    return copy
  }
  const json = jsonOf(value)
  if (json !== undefined) return copyOf(walk, json.value, depth + 1)
  const copy = keep<Record<string, unknown>>({})
  for (const key of Object.keys(value))
    setOwn(copy, freeKey(copy, cleanWord(walk, key)), property(walk, value, { key, depth }))
  return copy
}

function isClean({ leaves }: Walk, value: object): boolean {
  const text = String(value)
  return leaves.text(text) === text
}

function viewOf(value: ArrayBufferLike | DataView): Uint8Array {
  return types.isDataView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)
}

/** What JSON would show of an object that says so itself, such as a URL. */
function jsonOf(value: object): { readonly value: unknown } | undefined {
  try {
    return 'toJSON' in value && typeof value.toJSON === 'function' ? { value: value.toJSON() } : undefined
  } catch {
    return { value: unreadable }
  }
}

function property(
  walk: Walk,
  value: object,
  { key, depth }: { readonly key: string; readonly depth: number },
): unknown {
  const found = readOwn(value, key)
  const isBlob =
    walk.shape === 'mcp' && typeof found === 'string' && (key === 'blob' || (key === 'data' && isMedia(value)))
  return isBlob ? redactBase64(walk.leaves, found) : copyOf(walk, found, depth + 1)
}

function readOwn(value: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    return unreadable
  }
}

function isMedia(value: object): boolean {
  const type = readOwn(value, 'type')
  return type === 'image' || type === 'audio'
}

/** Base64 stays base64: its bytes are redacted. Where its own letters spell a value nothing of it stays. */
function redactBase64(leaves: Leaves, text: string): string {
  const bytes = base64Bytes(text)
  if (bytes === undefined) return leaves.text(text)
  const clean = leaves.bytes(bytes)
  const encoded = clean === bytes ? text : Buffer.from(clean).toString('base64')
  const mark = leaves.text(encoded)
  return mark === encoded ? encoded : Buffer.from('[secret]').toString('base64')
}

/** A key that is free: two keys may have become one. */
function freeKey(copy: object, key: string): string {
  let free = key
  for (let count = 2; Object.hasOwn(copy, free); count++) free = `${key} (${count})`
  return free
}

/** Defined and not assigned, so that `__proto__` is a key like any other. */
function setOwn(copy: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true })
}

interface Copying {
  readonly keep: <T extends object>(copy: T) => T
  readonly inner: (value: unknown) => unknown
}

/** An error of the same class, with everything that it says redacted: message, stack, cause, errors, own properties. */
function copyError(walk: Walk, error: Error, { keep, inner }: Copying): Error {
  const { leaves } = walk
  const hidden = { writable: true, enumerable: false, configurable: true }
  const message = readOwn(error, 'message')
  const stack = readOwn(error, 'stack')
  const copy = keep(new Error(leaves.text(typeof message === 'object' ? unreadable : String(message))))
  // Before the class, whose name would be asked for by a stack that is not there yet.
  Object.defineProperty(copy, 'stack', { ...hidden, value: typeof stack === 'string' ? leaves.text(stack) : undefined })
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error))
  for (const key of Reflect.ownKeys(error)) {
    if (key === 'message' || key === 'stack') continue
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key)
    const name = typeof key === 'string' ? freeKey(copy, cleanWord(walk, key)) : key
    Object.defineProperty(copy, name, { ...hidden, enumerable, value: inner(readOwn(error, key)) })
  }
  // What a class reads from parts that a copy has not, as DOMException does.
  for (const key of ['name', 'code']) {
    const value = readOwn(error, key)
    if (value !== undefined && readOwn(copy, key) !== value && !Object.hasOwn(copy, key))
      Object.defineProperty(copy, key, { ...hidden, value: inner(value) })
  }
  return copy
}
