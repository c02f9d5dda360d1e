// The floor's cryptography, by hand: a derived key with a commitment, GCM bound to its row, a seal over the record.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { draw } from '../draw.mjs'

const saltBytes = 32
const commitmentEnd = 64
const gcm = Object.freeze({ authTagLength: 16 })
const asBytes = (bytes) => bytes
const nodeMajor = Number.parseInt(process.versions.node, 10)
// Bytes are the faster key on Node 20, and much the slower one on newer Nodes; for an HMAC from Node 24 on.
const cipherKey = nodeMajor > 20 ? createSecretKey : asBytes
const macKey = nodeMajor > 22 ? createSecretKey : asBytes

/**
 * Seals and opens values under one key. A context is anything with an unambiguous text.
 *
 * @param {import('node:crypto').KeyObject} key
 */
export function sealer(key = createSecretKey(randomBytes(32))) {
  const keysFor = (context, salt) => {
    const additionalData = Buffer.concat([Buffer.from(JSON.stringify(context), 'utf8'), salt])
    const derived = createHmac('sha512', key).update('floor/payload').update(additionalData).digest()
    return { derived, additionalData }
  }
  return {
    /** @param {unknown} context @param {Uint8Array} plaintext */
    seal(context, plaintext) {
      const salt = draw(saltBytes)
      const { derived, additionalData } = keysFor(context, salt)
      const cipher = createCipheriv('aes-256-gcm', cipherKey(derived.subarray(0, 32)), salt.subarray(20), gcm)
      cipher.setAAD(additionalData)
      const parts = [salt, derived.subarray(32), cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]
      const envelope = Buffer.concat(parts)
      derived.fill(0)
      return envelope
    },
    /** @param {unknown} context @param {Uint8Array} envelope @returns {Buffer} */
    open(context, envelope) {
      const salt = envelope.subarray(0, saltBytes)
      const { derived, additionalData } = keysFor(context, salt)
      if (!timingSafeEqual(derived.subarray(32), envelope.subarray(saltBytes, commitmentEnd))) throw new Error('No.')
      const decipher = createDecipheriv('aes-256-gcm', cipherKey(derived.subarray(0, 32)), salt.subarray(20), gcm)
      decipher.setAAD(additionalData)
      decipher.setAuthTag(envelope.subarray(-16))
      const plaintext = decipher.update(envelope.subarray(commitmentEnd, -16))
      decipher.final()
      derived.fill(0)
      return plaintext
    },
    /** The seal of a record: proof that a holder of the key wrote it. @param {Uint8Array} record */
    sealOf: (record) => createHmac('sha512', key).update('floor/record').update(record).digest().subarray(0, 32),
    /** @param {Uint8Array} record @param {Uint8Array} mac */
    checkSeal(record, mac) {
      if (!timingSafeEqual(this.sealOf(record), mac)) throw new Error('A record has another seal.')
    },
  }
}

/** The part of an envelope that tells one sealing from every other. @param {Uint8Array} envelope */
export function commitmentOf(envelope) {
  return Buffer.from(envelope.subarray(saltBytes, commitmentEnd)).toString('hex')
}

/**
 * One chained stream of audit rows: each mac covers the one before, and the key moves on with each row. Each body ends
 * with a seal of its own, by which it can be proven without its stream.
 */
export function auditChain() {
  const sealKey = createSecretKey(randomBytes(32))
  const stream = randomBytes(16).toString('hex')
  const correlationId = randomBytes(16).toString('hex')
  let key = randomBytes(32)
  let previousMac = Buffer.alloc(32)
  let sequence = -1
  /** @param {{ action: string, operation: string, ref: FloorRef, id: string, version: number }} event */
  return ({ action, operation, ref: { owner, server, name }, id, version }) => {
    sequence += 1
    const at = new Date()
    const text = JSON.stringify({
      timestamp: at.toISOString(),
      event_type: action,
      user_id: owner,
      secret_name: name,
      operation,
      source_ip: null,
      user_agent: null,
      success: true,
      encryption_key_version: 'main#1',
      correlation_id: correlationId,
      stream,
      sequence,
      outcome: 'allowed',
      owner,
      server,
      secret_id: id,
      version,
    })
    const seal = createHmac('sha256', sealKey).update(text).digest('base64url').slice(0, 22)
    const body = Buffer.from(`${text.slice(0, -1)},"seal":"${seal}"}`, 'utf8')
    const header = Buffer.from(`floor/audit\0${stream}\0${sequence}\0${body.length}\0`, 'latin1')
    const used = macKey(key)
    const mac = createHmac('sha256', used).update(header).update(previousMac).update(body).digest()
    key = createHmac('sha256', used).update('floor/ratchet').digest()
    previousMac = mac
    const columns = [at.getTime(), action, 'allowed', owner, owner, server, name, id, correlationId]
    return /** @type {const} */ ([stream, sequence, ...columns, mac, body])
  }
}

/**
 * A record after one more version: as text, sealed, with the version's envelope. Keeps ten versions, as the vault does.
 *
 * @param {ReturnType<typeof sealer>} keys
 * @param {{ ref: FloorRef, stored: { record: Uint8Array, mac: Uint8Array } | undefined, value: string }} write
 */
export function nextRecord(keys, { ref, stored, value }) {
  if (stored !== undefined) keys.checkSeal(stored.record, stored.mac)
  const before = stored === undefined ? newRecord(ref) : JSON.parse(Buffer.from(stored.record).toString('utf8'))
  const version = before.version + 1
  const envelope = keys.seal([ref.owner, ref.server, ref.name, version], Buffer.from(value, 'utf8'))
  const made = { version, at: Date.now(), by: ref.owner, commitment: commitmentOf(envelope) }
  const versions = [...before.versions, made].slice(-10)
  const record = Buffer.from(JSON.stringify({ ...before, revision: before.revision + 1, version, versions }), 'utf8')
  const { id, revision } = before
  return { id, ifRevision: revision, version, oldest: versions[0].version, record, mac: keys.sealOf(record), envelope }
}

/**
 * Proves what a read found before its value is used: the record by its seal, that it is in use, and that the envelope is
 * the one that the record names. What is the same to the byte as a record that was proven before needs no second look.
 *
 * @param {ReturnType<typeof sealer>} keys
 */
export function recordReader(keys) {
  /** @type {Map<string, { record: Buffer, mac: Buffer, parsed: any }>} */
  const proven = new Map()
  const prove = (name, record, mac) => {
    const known = proven.get(name)
    if (known?.record.equals(record) && known.mac.equals(mac)) return known.parsed
    keys.checkSeal(record, mac)
    // Copies: a driver's bytes are a view of a whole answer.
    const next = { record: Buffer.from(record), mac: Buffer.from(mac), parsed: JSON.parse(record.toString('utf8')) }
    proven.set(name, next)
    return next.parsed
  }
  /** @param {FloorRef} ref @param {{ record: Uint8Array, mac: Uint8Array, envelope: Buffer }} row */
  return ({ owner, server, name }, { record, mac, envelope }) => {
    const { id, state, version, versions, ...named } = prove(`${owner}\n${server}\n${name}`, Buffer.from(record), mac)
    const isAsked = named.owner === owner && named.server === server && named.name === name
    const { commitment } = versions.at(-1)
    if (!isAsked || state !== 'active' || commitment !== commitmentOf(envelope)) throw new Error('No.')
    return { id, version }
  }
}

/** @typedef {{ readonly owner: string, readonly server: string, readonly name: string }} FloorRef */

/** @param {FloorRef} ref */
function newRecord(ref) {
  const id = createHash('sha256').update(JSON.stringify(ref)).digest('hex').slice(0, 32)
  return { ...ref, id, state: 'active', type: 'generic', tier: 1, revision: 0, version: 0, versions: [], tags: [] }
}
