// What names a secret: its scope (owner and server) and, within it, its name.

/** Whose secrets, and for which MCP server. */
export interface Scope {
  readonly owner: string
  readonly server: string
}

/** The full identity of a secret. Parts are compared byte for byte; nothing is trimmed, folded or normalised. */
export interface SecretRef extends Scope {
  readonly name: string
}

/** The server of secrets that belong to no server in particular. */
export const defaultServer = 'default'
