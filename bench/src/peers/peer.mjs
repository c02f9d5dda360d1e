// What a contestant of the envelope group is, and the check that it works before it is timed.

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {() => any} seal the sealed value, or a promise of it
 * @property {(sealed: any) => any} open the value as text or bytes, or a promise of it
 */

/**
 * @typedef {{ readonly text: string, readonly bytes: Buffer }} Value
 * @typedef {(value: Value) => Promise<Peer>} LoadPeer
 */

/**
 * Loads a contestant for one value. Throws when it does not give back what it sealed.
 *
 * @param {LoadPeer} load
 * @param {Value} value
 */
export async function loadChecked(load, value) {
  const peer = await load(value)
  const sealed = await peer.seal()
  const opened = await peer.open(sealed)
  const text = typeof opened === 'string' ? opened : Buffer.from(opened).toString('utf8')
  if (text !== value.text) throw new Error(`${peer.name} does not open what it sealed.`)
  return { ...peer, sealed }
}
