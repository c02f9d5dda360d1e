// OpenBao's key-value engine (version 2) as a contestant, filled with the secrets that the vaults have.
import { join } from 'node:path'
import { loadTestkit } from '../internals.mjs'
import { forEachTurn, nameAt, value } from '../vaults.mjs'
import { startBaoServer } from './bao-server.mjs'
import { httpClient } from './http-client.mjs'

/** @param {{ folder: string, postgresUrl?: string }} options see `startBaoServer` */
export async function baoOnDisk({ folder, postgresUrl }) {
  const kind = postgresUrl === undefined ? 'raft' : 'postgres'
  return await filled(await startBaoServer({ folder: join(folder, `bao-${kind}`), postgresUrl }))
}

/** In its development mode, in memory and without audit. */
export async function baoInMemory() {
  const { startBao } = await loadTestkit()
  const { url, token, stop } = await startBao()
  return await filled({ port: Number(new URL(url).port), token, stop })
}

/** @param {{ port: number, token: string, stop(): Promise<void> }} server */
async function filled({ port, token, stop }) {
  const headers = { 'x-vault-token': token, 'content-type': 'application/json' }
  const client = httpClient({ port, connections: 32, headers })
  const pathOf = (turn) => `/v1/secret/data/${nameAt(turn)}`
  /** @param {number} turn @param {string} text */
  const put = (turn, text) => client.call(pathOf(turn), { data: { value: text } })
  await forEachTurn((turn) => put(turn, value))
  return {
    /** @param {number} turn */
    get: async (turn) => (await client.call(pathOf(turn))).data.data.value,
    put,
    async close() {
      client.close()
      await stop()
    },
  }
}
