// Looks for live values in the arguments of a tool, at any depth, and says whose they are.
import { types } from 'node:util'
import { maxDepth, maxNodes } from './deep.ts'

/** Calls `look` with each text in a value: strings, keys, numbers, and bytes as Latin-1. */
export function eachText(value: unknown, look: (text: string) => void): void {
  const seen = new Set<object>()
  // A list of its own rather than recursion, since arguments come from outside.
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }]
  for (let nodes = 0; nodes < maxNodes; nodes++) {
    const next = waiting.pop()
    if (next === undefined) return
    const { value: each, depth } = next
    if (typeof each === 'string') look(each)
    else if (typeof each === 'number' || typeof each === 'bigint') look(String(each))
    else if (types.isUint8Array(each)) look(Buffer.from(each).toString('latin1'))
    if (typeof each !== 'object' || each === null || types.isUint8Array(each) || depth >= maxDepth || seen.has(each))
      continue
    seen.add(each)
    for (const [key, inner] of types.isMap(each) ? each : Object.entries(each)) {
      waiting.push({ value: inner, depth: depth + 1 })
      if (!Array.isArray(each)) waiting.push({ value: key, depth: depth + 1 })
    }
  }
}
