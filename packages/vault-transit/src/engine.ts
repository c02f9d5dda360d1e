// The operations of the transit engine, each with its conditions on the answer.
import { type CallOptions, type KeyScope, keyScopeHash, VaultError } from '@mcpvault/core'
import type { KeyService, ServiceWrap } from '@mcpvault/core/adapter'
import type { Json } from './http.ts'
import type { TransitSettings } from './options.ts'
import type { SendRequest } from './requests.ts'

/** The operations on one key. They throw `VAULT_CONFIG_INVALID` when the key is not a derived one. */
export type TransitEngine = Pick<KeyService<string>, 'currentKeyId' | 'generate' | 'encrypt' | 'decrypt' | 'reEncrypt'>

const dekBytes = 32

export function transitEngine({ mount, key }: TransitSettings, send: SendRequest): TransitEngine {
  const kekId = `${mount}/${key}`
  let isDerived = false

  async function readKey(options: CallOptions | undefined): Promise<number> {
    const { derived, latest_version: latest } = await send({ operation: 'read', path: `${mount}/keys/${key}` }, options)
    // Without derivation the engine ignores the context, and a wrap would open for every owner.
    if (derived !== true) throw notDerived(kekId)
    if (typeof latest !== 'number' || !Number.isSafeInteger(latest) || latest < 1) throw unsound('latest_version')
    isDerived = true
    return latest
  }

  async function run(operation: string, body: Json, options: CallOptions | undefined): Promise<Json> {
    if (!isDerived) await readKey(options)
    const path = operation === 'datakey' ? `${mount}/datakey/plaintext/${key}` : `${mount}/${operation}/${key}`
    return send({ operation, path, body }, options)
  }

  /** What the engine wrapped, such as `vault:v3:...`, with the version of its key. */
  function wrapIn({ ciphertext }: Json): ServiceWrap {
    if (typeof ciphertext !== 'string') throw unsound('ciphertext')
    const version = Number(/^vault:v([1-9][0-9]{0,9}):/.exec(ciphertext)?.[1])
    if (!Number.isSafeInteger(version)) throw unsound('ciphertext')
    return { kekId, kekVersion: version, wrapped: Buffer.from(ciphertext, 'latin1') }
  }

  return {
    async currentKeyId(options) {
      return `${kekId}#${await readKey(options)}`
    },
    async generate({ scope }, options) {
      const answer = await run('datakey', { ...contextOf(scope), bits: dekBytes * 8 }, options)
      const wrap = wrapIn(answer)
      return { ...wrap, dek: dekIn(answer) }
    },
    async encrypt({ dek, scope }, options) {
      const plaintext = Buffer.from(dek).toString('base64')
      return wrapIn(await run('encrypt', { ...contextOf(scope), plaintext }, options))
    },
    async decrypt({ wrapped, scope }, options) {
      return dekIn(await run('decrypt', { ...contextOf(scope), ciphertext: textOf(wrapped) }, options))
    },
    async reEncrypt({ wrapped, scope }, options) {
      return wrapIn(await run('rewrap', { ...contextOf(scope), ciphertext: textOf(wrapped) }, options))
    },
  }
}

/** What a wrap is bound to. The server writes it to its log as a keyed hash. */
function contextOf(scope: KeyScope): { readonly context: string } {
  return { context: keyScopeHash(scope).toString('base64') }
}

function textOf(wrapped: Uint8Array): string {
  return Buffer.from(wrapped).toString('latin1')
}

function dekIn({ plaintext }: Json): Uint8Array {
  const bytes = Buffer.from(typeof plaintext === 'string' ? plaintext : '', 'base64')
  const dek = new Uint8Array(bytes)
  bytes.fill(0)
  if (dek.length === dekBytes) return dek
  dek.fill(0)
  throw unsound('plaintext')
}

function notDerived(name: string): VaultError {
  const detail = `${name} must be a derived key. Make one with: bao write -f ${name.replace('/', '/keys/')} derived=true`
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'key', detail })
}

function unsound(field: string): VaultError {
  return new VaultError('VAULT_OPEN_FAILED', {
    field,
    detail: 'The answer of the transit engine is not what was asked for.',
  })
}
