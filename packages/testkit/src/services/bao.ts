// OpenBao in its development mode, in memory: what the bench measures the vault against.
import { findBao } from '../install/find-servers.ts'
import { freePort, loopback } from '../ports.ts'
import { startServer } from '../run/server.ts'
import type { Way } from '../ways.ts'

export interface BaoServer {
  readonly url: string
  /** May do everything. */
  readonly token: string
  /** How the tests came by it. */
  readonly way: Way
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts an OpenBao, or gives the one that `MCPVAULT_TEST_BAO_URL` names. */
export async function startBao(): Promise<BaoServer> {
  const given = process.env['MCPVAULT_TEST_BAO_URL']
  if (given !== undefined) {
    const { origin, username } = new URL(given)
    return { url: origin, token: username, way: 'url', stop: async () => {} }
  }
  const { way, what: program } = await findBao()
  const port = await freePort()
  const url = `http://${loopback}:${port}`
  const token = 'root'
  const server = await startServer({
    name: 'bao',
    program,
    args: () => [
      ...['server', '-dev', '-dev-no-store-token'],
      ...[`-dev-root-token-id=${token}`, `-dev-listen-address=${loopback}:${port}`],
    ],
    ready: () => isUp(url),
  })
  return { url, token, way, stop: server.remove }
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/v1/sys/health`)).ok
  } catch {
    return false
  }
}
