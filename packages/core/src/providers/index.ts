// Built-in key providers.

export { isKeyVariable, type KeyAlias } from './environment-names.ts'
export { type KeyFileOptions, keyFromFile } from './key-file.ts'
export { type KeyFromEnvOptions, keyFromEnv } from './key-from-env.ts'
export { type KeyRingOptions, keyRing } from './key-ring.ts'
export { generateKey, parseKeyText } from './key-text.ts'
export { type MultiProviderOptions, multiProvider } from './multi-provider.ts'
export { generateSalt, keyFromPassphrase, type PassphraseOptions } from './passphrase.ts'
export {
  type RecoveryKeyPair,
  recoveryKey,
  recoveryOpener,
  recoveryPublicKey,
  recoveryRecipient,
} from './recovery-key.ts'
export { sameKeyAcrossEnvironments } from './shared-keys.ts'
export type { KdfOptions, Pbkdf2Options, ScryptOptions } from './stretch.ts'
