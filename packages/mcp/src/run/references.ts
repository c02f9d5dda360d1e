// References to secrets in an environment: mcpvault://server/name[@version][#field], each part percent-encoded.
import { VaultError } from '@mcpvault/core'

export interface SecretReference {
  readonly server: string
  readonly name: string
  /** A kept version; the current one by default. */
  readonly version: number | undefined
  /** One field of a value that has fields. */
  readonly field: string | undefined
}

/** Also with what files and shells leave around it, and in any case. */
const scheme = /^\s*["']?mcpvault:/i
const form = /^mcpvault:\/\/([^/@#?]+)\/([^/@#?]+)(?:@([1-9][0-9]{0,8}))?(?:#([^#]+))?$/

/** Whether a value wants to be a reference: one that is malformed must never reach a program as it is. */
export function isReference(value: string): boolean {
  return scheme.test(value)
}

/** Throws `VAULT_CONFIG_INVALID` with the field, such as the variable that holds it. */
export function parseReference(value: string, field: string): SecretReference {
  const [, server, name, version, part] = form.exec(value) ?? []
  const [decodedServer, decodedName, decodedPart] = [server, name, part].map(decoded)
  if (decodedServer === undefined || decodedName === undefined || (part !== undefined && decodedPart === undefined)) {
    const detail =
      'must be mcpvault://server/name, with @version or #field after it, and with other signs percent-encoded.'
    throw new VaultError('VAULT_CONFIG_INVALID', { field, detail })
  }
  return {
    server: decodedServer,
    name: decodedName,
    version: version === undefined ? undefined : Number(version),
    field: decodedPart,
  }
}

function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part)
  } catch {
    return undefined
  }
}
