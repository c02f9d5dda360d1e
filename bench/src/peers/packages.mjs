// Packages that seal values: each as its documentation says, with a key that is ready beforehand.
import { randomBytes } from 'node:crypto'

const password = 'p'.repeat(40)

/** @type {import('./peer.mjs').LoadPeer} */
export async function cloak({ text }) {
  const { generateKey, parseKeySync, encryptStringSync, decryptStringSync } = await import('@47ng/cloak')
  const key = parseKeySync(generateKey())
  return {
    name: '@47ng/cloak',
    seal: () => encryptStringSync(text, key),
    open: (sealed) => decryptStringSync(sealed, key),
  }
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function boringnode({ text }) {
  const { Encryption } = await import('@boringnode/encryption')
  const { aes256gcm } = await import('@boringnode/encryption/drivers/aes_256_gcm')
  const encryption = new Encryption(aes256gcm({ id: 'app', keys: [randomBytes(16).toString('hex')] }))
  return {
    name: '@boringnode/encryption',
    seal: () => encryption.encrypt(text),
    open: (sealed) => encryption.decrypt(sealed),
  }
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function noble({ bytes }) {
  const { gcm } = await import('@noble/ciphers/aes.js')
  const key = randomBytes(32)
  const additionalData = randomBytes(96)
  return {
    name: '@noble/ciphers',
    seal() {
      const iv = randomBytes(12)
      return { iv, ciphertext: gcm(key, iv, additionalData).encrypt(bytes) }
    },
    open: ({ iv, ciphertext }) => gcm(key, iv, additionalData).decrypt(ciphertext),
  }
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function hapiIron({ text }) {
  const { seal, unseal, defaults } = await import('@hapi/iron')
  return {
    name: '@hapi/iron',
    seal: () => seal(text, password, defaults),
    open: (sealed) => unseal(sealed, password, defaults),
  }
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function ironWebcrypto({ text }) {
  const { seal, unseal, defaults } = await import('iron-webcrypto')
  return {
    name: 'iron-webcrypto',
    seal: () => seal(text, password, defaults),
    open: (sealed) => unseal(sealed, password, defaults),
  }
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function fernet({ text }) {
  const { default: fernetModule } = await import('fernet')
  const secret = new fernetModule.Secret(randomBytes(32).toString('base64'))
  return {
    name: 'fernet',
    seal: () => new fernetModule.Token({ secret }).encode(text),
    open: (token) => new fernetModule.Token({ secret, token, ttl: 0 }).decode(),
  }
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function tink({ bytes }) {
  // Its bundle looks for the global of a browser.
  Object.assign(globalThis, { self: globalThis })
  const { default: tinkModule } = await import('tink-crypto')
  const { aead, generateNewKeysetHandle } = tinkModule
  aead.register()
  const keyset = await generateNewKeysetHandle(aead.aes256GcmKeyTemplate())
  const primitive = await keyset.getPrimitive(aead.Aead)
  const additionalData = randomBytes(96)
  return {
    name: 'tink-crypto',
    seal: () => primitive.encrypt(bytes, additionalData),
    open: (sealed) => primitive.decrypt(sealed, additionalData),
  }
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function awsEncryptionSdk({ bytes }) {
  const aws = await import('@aws-crypto/client-node')
  const keyring = new aws.RawAesKeyringNode({
    keyNamespace: 'bench',
    keyName: 'main',
    unencryptedMasterKey: randomBytes(32),
    wrappingSuite: aws.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  })
  const { encrypt, decrypt } = aws.buildClient(aws.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
  const suiteId = aws.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY
  const encryptionContext = { server: 'github', owner: 'alice', name: 'GITHUB_TOKEN' }
  return {
    name: 'AWS Encryption SDK, raw AES',
    seal: async () => (await encrypt(keyring, bytes, { suiteId, encryptionContext })).result,
    open: async (sealed) => (await decrypt(keyring, sealed)).plaintext,
  }
}
