// The envelope against raw AES-256-GCM at two sizes, and against other packages at one.
import { floor } from '../peers/floor.mjs'
import { joseDirect, joseKeyWrap } from '../peers/jose.mjs'
import { mcpvault } from '../peers/mcpvault.mjs'
import * as packages from '../peers/packages.mjs'
import { loadChecked } from '../peers/peer.mjs'
import { cryptr, hashedPassword, stretchedPassword } from '../peers/per-record.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'

const sizes = [
  { bytes: 32, label: '32 B', goal: 2.4 },
  { bytes: 1024, label: '1 KiB', goal: 2.2 },
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
const effort = {
  full: { own: onCpu(101, 8), quick: onCpu(41, 8), slow: { rounds: 15, turnMs: 10 } },
  smoke: { own: onCpu(3, 1), quick: onCpu(1, 1), slow: { rounds: 1, turnMs: 1 } },
}

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export async function run(input) {
  const options = effort[input.effort]
  const rows = []
  for (const { bytes, label, goal } of sizes) {
    rows.push(...(await compare({ bytes, label, goal, loads: [mcpvault], options: options.own })))
  }
  rows.push(...(await compare({ bytes: 32, label: '32 B, quick others', loads: quick, options: options.quick })))
  rows.push(...(await compare({ bytes: 32, label: '32 B, slow others', loads: slow, options: options.slow })))
  return { rows, notes: ['The envelope commits to its key and binds owner, server, name and version.'] }
}

/**
 * @param {object} comparison
 * @param {number} comparison.bytes
 * @param {string} comparison.label
 * @param {number} [comparison.goal]
 * @param {readonly import('../peers/peer.mjs').LoadPeer[]} comparison.loads
 * @param {import('../rounds.mjs').RaceOptions} comparison.options
 */
async function compare({ bytes, label, goal, loads, options }) {
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
  const goals = goal === undefined ? {} : { 'mcpvault envelope': goal }
  return [
    ...raceRows({ work: `seal ${label}`, results: sealing, goals }),
    ...raceRows({ work: `open ${label}`, results: opening, goals }),
  ]
}

/** @param {number} rounds @param {number} turnMs @returns {import('../rounds.mjs').RaceOptions} */
function onCpu(rounds, turnMs) {
  return { rounds, turnMs, clock: 'cpu' }
}
