// What the small things cost that a call is made of: why some of the code is clever, and most of it is not.
import { createCipheriv, createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import { draw } from '../draw.mjs'
import { raceOptions } from '../effort.mjs'
import { auditChain, sealer } from '../floor/crypto.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { refAt } from '../vaults.mjs'

const gcm = Object.freeze({ authTagLength: 16 })

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const rows = []
  for (const [work, contestants] of Object.entries(works())) {
    const results = await race(
      contestants.map(([name, operation]) => ({ name, run: operation })),
      raceOptions(effort, { clock: 'cpu', rounds: 5 }),
    )
    rows.push(...raceRows({ work, results }))
  }
  return { rows, notes: ['Processor time of one operation.'] }
}

/** @returns {Record<string, [string, (turn: number) => unknown][]>} */
function works() {
  const key = randomBytes(32)
  const keyObject = createSecretKey(key)
  const iv = randomBytes(12)
  const message = randomBytes(160)
  // As long as a record with ten versions.
  const record = randomBytes(1_100)
  const same = Buffer.from(record)
  const { sealOf, seal } = sealer()
  const chain = auditChain()
  const plaintext = randomBytes(32)
  const encrypt = (cipherKey) => {
    const cipher = createCipheriv('aes-256-gcm', cipherKey, iv, gcm)
    return [cipher.update(plaintext), cipher.final()]
  }
  const sign = (hmacKey) => createHmac('sha256', hmacKey).update(message).digest()
  const signTwice = (hmacKey) => [sign(hmacKey), sign(hmacKey)]
  return {
    'abort objects': [
      ['a controller', () => new AbortController()],
      ['a controller and its signal', () => new AbortController().signal],
      ['a plain object', (turn) => ({ turn })],
    ],
    'a time limit': [['a timer, set and cleared', () => clearTimeout(setTimeout(() => undefined, 1_000))]],
    waiting: [
      ['a plain answer', (turn) => turn],
      ['an async function', async (turn) => turn],
      ['an async function that awaits one', async (turn) => await (async () => turn)()],
    ],
    '32 random bytes': [
      ['of a hundred drawn at once', () => draw(32)],
      ['by a draw of their own', () => randomBytes(32)],
    ],
    'AES-256-GCM of 32 bytes': [
      ['key as bytes', () => encrypt(key)],
      ['a KeyObject that stays', () => encrypt(keyObject)],
      ['a KeyObject made for it', () => encrypt(createSecretKey(key))],
    ],
    'two HMACs under one key': [
      ['key as bytes', () => signTwice(key)],
      ['a KeyObject made for both', () => signTwice(createSecretKey(key))],
    ],
    'proof of a record': [
      ['comparing its bytes with proven ones', () => timingSafeEqual(record, same)],
      ['the seal of it', () => sealOf(record)],
    ],
    'parts of a call': [
      ['HMAC-SHA-256 of 160 bytes', () => sign(keyObject)],
      ['HMAC-SHA-512 of 160 bytes', () => createHmac('sha512', keyObject).update(message).digest()],
      ['sealing 32 bytes, by hand', (turn) => seal(['alice', 'github', turn], plaintext)],
      [
        'one chained audit row, by hand',
        (turn) => chain({ action: 'secret.accessed', operation: 'get', ref: refAt(turn), id: 'id', version: 1 }),
      ],
    ],
  }
}
