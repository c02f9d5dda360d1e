// A key service in this process, whose keys nobody else sees.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyService, WrapBinding } from '../../src/adapter/index.ts'
import { keyScopeHash } from '../../src/envelope/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { keyOf } from '../providers/fixtures.ts'

const masterKeys = new Map([
  ['service/one', keyOf('service one')],
  ['service/two', keyOf('service two')],
])

function masterKey(name: string): Buffer {
  const key = masterKeys.get(name)
  if (key === undefined) throw new Error('the service has no such key')
  return key
}

const contextOf = ({ dekId, scope: at }: WrapBinding): Buffer => Buffer.concat([dekId, keyScopeHash(at)])

/** A service that encrypts under named keys. */
export function service(current: string, names = [...masterKeys.keys()]): KeyService<string> {
  const seal = (dek: Uint8Array, binding: WrapBinding) => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', masterKey(current), iv).setAAD(contextOf(binding))
    const wrapped = Buffer.concat([iv, cipher.update(dek), cipher.final(), cipher.getAuthTag()])
    return { kekId: current, kekVersion: 0, wrapped }
  }
  const open: KeyService<string>['decrypt'] = ({ key, wrapped, ...binding }) => {
    const decipher = createDecipheriv('aes-256-gcm', masterKey(key), wrapped.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(contextOf(binding)).setAuthTag(wrapped.subarray(-16))
    try {
      return new Uint8Array(Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]))
    } catch {
      throw new VaultError('VAULT_OPEN_FAILED')
    }
  }
  return {
    id: `service(${current})`,
    wrapType: 'aws-kms',
    currentKeyId: () => current,
    keyOf: ({ kekId }) => names.find((name) => name === kekId),
    async generate(binding) {
      const dek = new Uint8Array(randomBytes(32))
      return { ...seal(dek, binding), dek }
    },
    encrypt: ({ dek, ...binding }) => seal(dek, binding),
    decrypt: open,
    reEncrypt: async (opening) => seal(await open(opening), opening),
  }
}
