// The settings of the app, from the environment. None of them is a secret: those are in the vault, and its key in a file.
import { join } from 'node:path'

/**
 * @typedef {object} Config
 * @property {string} host the address to listen on
 * @property {number} port 0 for a free one
 * @property {string | undefined} origin as browsers know the app; undefined while it is used on this machine only
 * @property {readonly string[]} proxies addresses and networks of the proxies in front of it
 * @property {boolean} allowInsecure whether plain HTTP from other machines is served
 * @property {string} folder for the SQLite file and the key file
 * @property {string | undefined} issuesUrl the issues API; undefined for the one of the demo
 */

/**
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {Config}
 */
export function configFrom(env) {
  const port = Number(env['PORT'] || 3000)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError('PORT must be 0 to 65535.')
  const origin = env['APP_ORIGIN']
  if (origin && !URL.canParse(origin))
    throw new TypeError('APP_ORIGIN must be an origin such as https://board.example.')
  return {
    host: env['HOST'] || '127.0.0.1',
    port,
    origin: origin ? new URL(origin).origin : undefined,
    proxies: (env['TRUST_PROXY'] ?? '').split(/[\s,]+/).filter((address) => address !== ''),
    allowInsecure: env['ALLOW_INSECURE_HTTP'] === '1',
    folder: env['DATA_FOLDER'] || join(import.meta.dirname, '..', 'data'),
    issuesUrl: env['ISSUES_API_URL'] || undefined,
  }
}

/**
 * @param {string} host
 * @param {number | undefined} port
 */
export function addressOf(host, port) {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
