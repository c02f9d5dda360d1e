// Paths of the engine, in parts: what can be asked for, and how it is written in an address.

/** Deeper folders are refused. */
export const maxDepth = 32

/** Whether a part can be asked for. Whatever resolves addresses takes `.` and `..` away, encoded or not. */
export function isPathPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !part.includes('/') && part.isWellFormed()
}

/** The parts as they stand in an address. */
export function encodedPath(parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/')
}
