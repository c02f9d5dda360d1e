// Signed notes: the frozen one, the exact form, and everything else refused.
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { noteReader, noteSigner, publicKeyOf } from '../../src/audit/checkpoint/note.ts'
import vectors from './vectors.json' with { type: 'json' }

const { seed, publicKey, createdAt, heads, note, id } = vectors.checkpoint
const vaultId = Buffer.from(vectors.vaultId, 'hex')
const signer = noteSigner({ seed: Buffer.from(seed, 'hex'), vaultId })
const read = noteReader({ publicKey, vaultId })
const frozenHeads = heads.map((head) => ({ ...head, mac: Buffer.from(head.mac, 'hex') }))
const frozen = { id, createdAt: new Date(createdAt), note }

/** A note of any text, rightly signed. */
function signed(lines: readonly string[]): typeof frozen {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')])
  const name = `mcpvault/${vectors.vaultId}`
  const text = `${lines.join('\n')}\n`
  const keyHash = Buffer.from(note.slice(note.lastIndexOf(' ') + 1), 'base64').subarray(0, 4)
  const signature = sign(null, Buffer.from(text), createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
  const whole = `${text}\n— ${name} ${Buffer.concat([keyHash, signature]).toString('base64')}\n`
  return { id: createHash('sha256').update(whole).digest('hex'), createdAt: new Date(createdAt), note: whole }
}

describe('noteSigner', () => {
  it('signs the frozen note, whatever the order of the heads', () => {
    expect(signer.publicKey).toBe(publicKey)
    expect(publicKeyOf(Buffer.from(seed, 'hex'))).toBe(publicKey)
    expect(signer.sign({ createdAt: new Date(createdAt), heads: frozenHeads })).toEqual(frozen)
    expect(signer.sign({ createdAt: new Date(createdAt), heads: frozenHeads.toReversed() })).toEqual(frozen)
  })

  it.each([0, 31, 33])('refuses a seed of %i bytes', (size) => {
    const refusal = new TypeError('The seed of checkpoints is 32 bytes.')
    expect(() => noteSigner({ seed: Buffer.alloc(size), vaultId })).toThrow(refusal)
  })
})

describe('noteReader', () => {
  it('reads the frozen note', () => {
    expect(read(frozen)).toEqual(frozenHeads)
  })

  it('reads a note without heads', () => {
    expect(read(signer.sign({ createdAt: new Date(0), heads: [] }))).toEqual([])
  })

  it.each(['', 'AAAA', `${publicKey}A`, `${publicKey.slice(0, -1)}!`])('refuses the public key %j', (key) => {
    const refusal = new TypeError('The public key of checkpoints is 32 bytes in base64url.')
    expect(() => noteReader({ publicKey: key, vaultId })).toThrow(refusal)
  })

  it('refuses a note of another vault or another key', () => {
    expect(noteReader({ publicKey, vaultId: Buffer.alloc(16) })(frozen)).toBeUndefined()
    const other = publicKeyOf(Buffer.alloc(32, 1))
    expect(noteReader({ publicKey: other, vaultId })(frozen)).toBeUndefined()
  })

  it('refuses another id or time beside the note', () => {
    expect(read({ ...frozen, id: '00'.repeat(32) })).toBeUndefined()
    expect(read({ ...frozen, createdAt: new Date(0) })).toBeUndefined()
    expect(read({ ...frozen, createdAt: new Date(Number.NaN) })).toBeUndefined()
  })

  it('refuses a note with any one character changed', async () => {
    for (let index = 0; index < note.length; index++) {
      const other = note[index] === 'A' ? 'B' : 'A'
      const changed = `${note.slice(0, index)}${other}${note.slice(index + 1)}`
      expect(read({ ...frozen, note: changed, id: createHash('sha256').update(changed).digest('hex') })).toBeUndefined()
    }
  })

  it.each([
    ['a line more below', `${note}\n`],
    ['a second signature', `${note}${note.slice(note.indexOf('—'))}`],
    ['no signature', note.slice(0, note.indexOf('—'))],
    ['no last line end', note.slice(0, -1)],
    ['nothing', ''],
  ])('refuses a note with %s', async (_, changed) => {
    expect(read({ ...frozen, note: changed, id: createHash('sha256').update(changed).digest('hex') })).toBeUndefined()
  })

  const origin = `mcpvault/${vectors.vaultId}/audit`
  const mac = 'ab'.repeat(32)

  it('reads what is signed in this form', () => {
    expect(read(signed([origin, createdAt, `${vectors.stream} 10 ${mac}`]))).toEqual([
      { stream: vectors.stream, sequence: 10, mac: Buffer.alloc(32, 0xab) },
    ])
  })

  it('writes and reads the mark of what was only seen', () => {
    const head = { stream: vectors.stream, sequence: 10, mac: Buffer.alloc(32, 0xab), seen: true } as const
    const checkpoint = signer.sign({ createdAt: new Date(createdAt), heads: [head] })
    expect(checkpoint).toEqual(signed([origin, createdAt, `${vectors.stream} 10 ${mac} seen`]))
    expect(read(checkpoint)).toEqual([head])
  })

  it.each([
    ['a line in its stream', { stream: `${vectors.stream} 1 ${mac}\n${vectors.stream}` }],
    ['a stream that is no id', { stream: 'x' }],
    ['a sequence that is none', { sequence: -1 }],
    ['a sequence that is no number', { sequence: Number.NaN }],
    ['a mac that is too short', { mac: Buffer.alloc(31) }],
  ])('signs no head with %s', (_, wrong) => {
    const head = { stream: vectors.stream, sequence: 10, mac: Buffer.alloc(32, 0xab), ...wrong }
    const refusal = new TypeError('A head of a checkpoint has not the form of one.')
    expect(() => signer.sign({ createdAt: new Date(createdAt), heads: [head] })).toThrow(refusal)
  })

  it.each([
    ['another origin', [`${origin}s`, createdAt]],
    ['another time', [origin, '2026-01-01T00:00:04.000Z']],
    ['no time', [origin]],
    ['an empty line', [origin, createdAt, '']],
    ['a stream that is no id', [origin, createdAt, `xyz 1 ${mac}`]],
    ['a stream id that is too long', [origin, createdAt, `a${vectors.stream} 1 ${mac}`]],
    ['no sequence', [origin, createdAt, `${vectors.stream} ${mac}`]],
    ['a sequence with a leading zero', [origin, createdAt, `${vectors.stream} 01 ${mac}`]],
    ['a sequence that no number holds', [origin, createdAt, `${vectors.stream} 9007199254740993 ${mac}`]],
    ['another mark', [origin, createdAt, `${vectors.stream} 1 ${mac} verified`]],
    ['a mark twice', [origin, createdAt, `${vectors.stream} 1 ${mac} seen seen`]],
    ['a mac that is too short', [origin, createdAt, `${vectors.stream} 1 ${'ab'.repeat(31)}`]],
    ['a mac of half a byte more', [origin, createdAt, `${vectors.stream} 1 ${mac}a`]],
    ['more after the mac', [origin, createdAt, `${vectors.stream} 1 ${mac} x`]],
    ['one bad head after a good one', [origin, createdAt, `${vectors.stream} 1 ${mac}`, 'x']],
  ])('refuses, although signed, %s', (_, lines) => {
    expect(read(signed(lines))).toBeUndefined()
  })
})
