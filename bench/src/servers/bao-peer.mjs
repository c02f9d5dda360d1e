// OpenBao's key-value engine (version 2) in its in-memory development mode as a contestant.
import { loadTestkit } from '../internals.mjs'
import { httpClient } from './http-client.mjs'

/** @param {{ readonly names: readonly string[], readonly value: string }} options */
export async function baoPeer({ names, value }) {
  const { startBao } = await loadTestkit()
  const server = await startBao()
  const headers = { 'x-vault-token': server.token, 'content-type': 'application/json' }
  const client = httpClient({ port: Number(new URL(server.url).port), connections: 32, headers })
  /** @param {string} name @param {string} text */
  const put = (name, text) => client.call(`/v1/secret/data/${name}`, { data: { value: text } })
  for (const name of names) await put(name, value)
  return {
    /** @param {string} name */
    get: async (name) => (await client.call(`/v1/secret/data/${name}`)).data.data.value,
    put,
    async close() {
      client.close()
      await server.stop()
    },
  }
}
