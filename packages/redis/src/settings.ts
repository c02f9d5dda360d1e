// Settings of the client under which the store would read old values or misread replies: refused by their names.
import { VaultError } from '@mcpvault/core'
import type { RedisClient, RedisSettings } from './client.ts'

/** Throws `VAULT_CONFIG_INVALID` with the name of the first setting that the store cannot work with. */
export function refuseSettings(client: RedisClient): void {
  const { options = {} } = client
  // Those of a cluster's nodes have the same names.
  const nodeOptions: RedisSettings = options.redisOptions ?? {}
  const { scaleReads = 'master', role = nodeOptions.role, replyMapping = nodeOptions.replyMapping, db } = options
  if (client.isCluster === true && scaleReads !== 'master')
    throw refusal('scaleReads', 'must be "master": a replica may not know yet that a permission was revoked.')
  if (role === 'slave') throw refusal('role', 'must be "master": a replica refuses writes.')
  if (replyMapping === 'resp3') throw refusal('replyMapping', 'must be "legacy".')
  // Reserved characters of a password end the address early: the rest becomes a database, or an option.
  if (Number.isNaN(db) || Object.keys(options).some((name) => name.includes('@')))
    throw refusal('db', 'must be a number. Percent-encode the reserved characters of a password in an address.')
  if (options.enableAutoPipelining === true && client.createBuiltinCommand === undefined)
    throw refusal('enableAutoPipelining', 'must be false for a client without createBuiltinCommand().')
}

function refusal(option: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: `client.${option}`, detail })
}
