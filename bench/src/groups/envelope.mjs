// The envelope against raw AES-256-GCM at two sizes, and against other packages at one.
import { raceOptions } from '../effort.mjs'
import { floor } from '../peers/floor.mjs'
import { joseDirect, joseKeyWrap } from '../peers/jose.mjs'
import { mcpvault } from '../peers/mcpvault.mjs'
import * as packages from '../peers/packages.mjs'
import { loadChecked } from '../peers/peer.mjs'
import { cryptr, hashedPassword, stretchedPassword } from '../peers/per-record.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'

const sizes = [
  { bytes: 32, label: '32 B', goals: { seal: 'seal-32', open: 'open-32' } },
  { bytes: 1024, label: '1 KiB', goals: { seal: 'seal-1k', open: 'open-1k' } },
]
const quick = [packages.cloak, hashedPassword, packages.boringnode, packages.noble]
const slow = [
  packages.hapiIron,
  packages.fernet,
  joseDirect,
  packages.tink,
  joseKeyWrap,
  packages.ironWebcrypto,
  packages.awsEncryptionSdk,
  stretchedPassword,
  cryptr,
]

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const own = raceOptions(effort, { clock: 'cpu' })
  const others = raceOptions(effort, { clock: 'cpu', rounds: 3 })
  const rows = []
  for (const size of sizes) rows.push(...(await compare({ ...size, loads: [mcpvault], options: own })))
  rows.push(...(await compare({ bytes: 32, label: '32 B, quick others', loads: quick, options: others })))
  // Some of these work on other threads, whose time only the wall shows.
  const wall = /** @type {const} */ ({ ...others, clock: 'wall' })
  rows.push(...(await compare({ bytes: 32, label: '32 B, slow others', loads: slow, options: wall })))
  return { rows, notes: ['The envelope commits to its key and binds owner, server, name and version.'] }
}

/**
 * @param {object} comparison
 * @param {number} comparison.bytes
 * @param {string} comparison.label
 * @param {{ readonly seal: string, readonly open: string }} [comparison.goals]
 * @param {readonly import('../peers/peer.mjs').LoadPeer[]} comparison.loads
 * @param {import('../rounds.mjs').RaceOptions} comparison.options
 */
async function compare({ bytes, label, goals, loads, options }) {
  const text = 'a secret value. '.repeat(bytes / 16)
  const value = { text, bytes: Buffer.from(text) }
  const peers = []
  for (const load of [floor, ...loads]) peers.push(await loadChecked(load, value))
  const sealing = await race(
    peers.map(({ name, seal }) => ({ name, run: seal })),
    options,
  )
  const opening = await race(
    peers.map(({ name, open, sealed }) => ({ name, run: () => open(sealed) })),
    options,
  )
  const held = (goal) => (goal === undefined ? {} : { 'mcpvault envelope': goal })
  return [
    ...raceRows({ work: `seal ${label}`, results: sealing, goals: held(goals?.seal) }),
    ...raceRows({ work: `open ${label}`, results: opening, goals: held(goals?.open) }),
  ]
}
