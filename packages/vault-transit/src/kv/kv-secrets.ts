// kvSecrets: the secrets of a KV version 2 engine of OpenBao or HashiCorp Vault, one after another.
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@mcpvault/core'
import { requestSender } from '../requests.ts'
import { kvEngine } from './engine.ts'
import { type KvOptions, parseKvOptions } from './options.ts'
import type { KvSecret } from './secret.ts'
import { walk } from './walk.ts'

/**
 * The newest version of each secret below a path, for `importSecrets` of `@mcpvault/core/import`. Folders are listed in
 * pages and at most 32 deep, 100,000 secrets and folders in all; nothing is written. What is deleted or destroyed is left
 * out. A secret that cannot be given, such as one that the token may not read, comes as `refused` with a reason.
 *
 * Throws `VAULT_CONFIG_INVALID` for an option that cannot be used, with its name. While it is read: `VAULT_KEY_DENIED`
 * when the server refuses, `VAULT_KEY_UNAVAILABLE` when it does not answer or is sealed, after five tries within about 4
 * seconds and the time of the requests; `VAULT_CONFIG_INVALID` when there is no secret at the path or the engine is of
 * version 1; `VAULT_NOT_SUPPORTED` for more than 100,000; the reason of the signal.
 *
 * @example
 * const from = kvSecrets({ url: 'https://vault.example.com:8200', token: readToken, mount: 'secret', path: 'team' })
 * const report = await importSecrets({ from, into, name: ({ name }) => name.replaceAll('/', '.') })
 */
export function kvSecrets(options: KvOptions): AsyncIterable<KvSecret> {
  const settings = parseKvOptions(options)
  const send = requestSender(settings, systemClock)
  const wait = (ms: number, signal: AbortSignal | undefined): Promise<void> => delay(ms, undefined, { signal })
  return { [Symbol.asyncIterator]: () => walk(kvEngine(settings, { send, wait }), settings.root) }
}
