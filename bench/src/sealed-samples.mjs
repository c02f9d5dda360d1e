// Sealed values beside a vault, for floors that open or write what the vault opens and writes.
import { createSecretKey, randomBytes } from 'node:crypto'
import { loadEnvelope } from './internals.mjs'

const plaintext = Buffer.from('a secret value. a secret value. ')

/**
 * Seals one value of 32 bytes under every name.
 *
 * @param {readonly string[]} names
 */
export async function sealedSamples(names) {
  const { sealValue, openValue } = await loadEnvelope()
  const dek = createSecretKey(randomBytes(32))
  const dekId = randomBytes(16)
  const vaultId = randomBytes(16)
  const contextOf = (name) => ({ vaultId, owner: 'alice', server: 'github', name, version: 1 })
  const samples = names.map((name) => {
    const context = contextOf(name)
    return { name, context, envelope: sealValue({ dek, dekId, context, plaintext }) }
  })
  return {
    samples,
    open: ({ context, envelope }) => openValue({ dek, context, envelope }),
    /** @param {string} name */
    seal: (name) => sealValue({ dek, dekId, context: contextOf(name), plaintext }),
  }
}
