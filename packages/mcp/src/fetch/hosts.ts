// Where a secret may go: to the hosts that it is bound to, over https or to this machine.
import { isVaultError, parseHosts, VaultError } from '@mcpvault/core'
import { isLoopbackHost } from '@mcpvault/core/adapter'

/** Hosts of a configuration, checked as those of a secret. Throws `VAULT_CONFIG_INVALID` with the field `hosts`. */
export function configuredHosts(given: readonly string[]): readonly string[] {
  try {
    return parseHosts(given)
  } catch (error) {
    if (!isVaultError(error, 'VAULT_VALUE_INVALID')) throw error
    const { detail = 'must be hosts such as api.example.com.' } = error
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'hosts', detail })
  }
}

/** Whether nobody on the way can read along: https, or http to this machine. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))
}
