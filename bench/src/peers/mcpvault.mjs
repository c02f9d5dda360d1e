// This vault's own envelope, as one contestant.
import { createSecretKey, randomBytes } from 'node:crypto'
import { loadEnvelope } from '../internals.mjs'

/** @type {import('./peer.mjs').LoadPeer} */
export async function mcpvault({ bytes }) {
  const { sealValue, openValue } = await loadEnvelope()
  const dek = createSecretKey(randomBytes(32))
  const dekId = randomBytes(16)
  const context = { vaultId: randomBytes(16), server: 'github', owner: 'alice', name: 'GITHUB_TOKEN', version: 1 }
  return {
    name: 'mcpvault envelope',
    seal: () => sealValue({ dek, dekId, context, plaintext: bytes }),
    open: (envelope) => openValue({ dek, context, envelope }),
  }
}
