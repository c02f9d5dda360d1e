// OpenBao as people run it: on Postgres or on raft, unsealed, with a file audit device and a key-value engine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { loadServerFinders, loadTestkit } from '../internals.mjs'
import { httpClient } from './http-client.mjs'

const startLimitMs = 30_000

/**
 * @param {object} options
 * @param {string} options.folder a folder of its own
 * @param {string} [options.postgresUrl] the database to keep everything in; raft in the folder without it
 * @returns {Promise<{ port: number, token: string, stop(): Promise<void> }>}
 */
export async function startBaoServer({ folder, postgresUrl }) {
  mkdirSync(folder, { mode: 0o700 })
  const { freePort } = await loadTestkit()
  const [port, clusterPort] = [await freePort(), await freePort()]
  const config = join(folder, 'bao.hcl')
  const auditLog = join(folder, 'audit.log')
  writeFileSync(config, configOf({ folder, auditLog, port, clusterPort, postgresUrl }))
  const { what: program } = await (await loadServerFinders()).findBao()
  if (typeof program !== 'string') throw new Error('The bench needs the program of OpenBao itself, not a container.')
  const logPath = join(folder, 'server.log')
  const log = openSync(logPath, 'a', 0o600)
  const child = spawn(program, ['server', `-config=${config}`], { stdio: ['ignore', log, log] })
  // Also when the group fails, and nobody stops it.
  const abandon = () => child.kill()
  process.once('exit', abandon)
  const stop = async () => {
    process.off('exit', abandon)
    const isOver = child.exitCode !== null || child.signalCode !== null
    const exited = isOver ? undefined : once(child, 'exit')
    child.kill()
    await exited
  }
  const client = httpClient({ port, connections: 1 })
  try {
    const keys = await untilReady(child, () => client.call('/v1/sys/init', { secret_shares: 1, secret_threshold: 1 }))
    const [key] = keys.keys
    await client.call('/v1/sys/unseal', { key })
    const token = keys.root_token
    const operator = httpClient({ port, connections: 1, headers: { 'x-vault-token': token } })
    await untilReady(child, () => operator.call('/v1/sys/mounts/secret', { type: 'kv', options: { version: '2' } }))
    // A new engine of version 2 upgrades itself at first, and refuses work until it is done.
    await untilReady(child, () => operator.call('/v1/secret/data/first', { data: { value: 'first' } }))
    operator.close()
    if (statSync(auditLog).size === 0) throw new Error('The file audit device writes nothing.')
    return { port, token, stop }
  } catch (cause) {
    await stop()
    throw new Error(`OpenBao does not start:\n${readFileSync(logPath, 'utf8').slice(-2_000)}`, { cause })
  } finally {
    client.close()
  }
}

/** @param {{ folder: string, auditLog: string, port: number, clusterPort: number, postgresUrl?: string }} options */
function configOf({ folder, auditLog, port, clusterPort, postgresUrl }) {
  const data = join(folder, 'raft')
  if (postgresUrl === undefined) mkdirSync(data, { mode: 0o700 })
  const storage =
    postgresUrl === undefined
      ? `storage "raft" {\n  path = "${data}"\n  node_id = "bench"\n}`
      : `storage "postgresql" {\n  connection_url = "${postgresUrl}?sslmode=disable"\n}`
  return `${storage}
listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_disable = true
}
audit "file" "file" {
  options {
    file_path = "${auditLog}"
  }
}
api_addr = "http://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${clusterPort}"
disable_mlock = true
log_level = "warn"
`
}

/** Tries until it succeeds, the server ends, or the time is over. */
async function untilReady(child, attempt) {
  const untilMs = performance.now() + startLimitMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (child.exitCode !== null || performance.now() > untilMs) throw error
    }
    await wait(50)
  }
}
