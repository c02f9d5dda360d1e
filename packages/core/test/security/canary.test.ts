// Values that must turn up nowhere: not in errors, logs, the trail, files, or what a store is given.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { writingIn } from '@mcpvault/testkit/canary'
import { overwrite, storedAt } from '@mcpvault/testkit/forgery'
import { callEverything, endEverything, testVault } from '@mcpvault/testkit/vaults'
import { expect, it, onTestFinished, vi } from 'vitest'
import { jsonlSink, loggerSink } from '../../src/audit/index.ts'
import { keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { recordingStore } from '../../src/testing/index.ts'
import { isSecretValue } from '../../src/vault/secret-value.ts'

const text = 'canary+text/"quoted"-Zq8vKx2mPw'
const bytes = Buffer.from([0xfa, 0xce, ...randomBytes(30)])
const field = 'canary-field-9Lr4TyHs6Bn1'
const canaries = [Buffer.from(text), bytes, Buffer.from(field)]

/** A vault with every place that could leak, after everything was called. */
async function used() {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-canary-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const lines: string[] = []
  const log = (facts: unknown, message: string): void => {
    lines.push(inspect([facts, message], { depth: null, showHidden: true }), JSON.stringify(facts))
  }
  const printed = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'))
  const kek = randomBytes(32)
  const store = recordingStore(memoryStore())
  const test = testVault({
    store,
    keys: keyRing({ current: 'main#1', keys: { 'main#1': kek } }),
    logger: { debug: log, warn: log },
    audit: { sinks: [jsonlSink({ path: join(folder, 'audit.jsonl') }), loggerSink({ info: log })] },
  })
  const answers = [...(await callEverything(test.vault, { text, bytes, field }))]
  await overwrite(test.store, {
    ...(await storedAt(store, { owner: 'alice', server: 'github', name: 'text' })),
    tier: 3,
  })
  answers.push(...(await callEverything(test.vault, { text, bytes, field })))
  await endEverything(test.vault)
  answers.push(...(await callEverything(test.vault, { text, bytes, field })))
  const output = printed.flatMap(({ mock }) => mock.calls.map(([chunk]) => String(chunk)))
  vi.restoreAllMocks()
  return { ...test, store, folder, kek, answers, lines, output }
}

/** Everything that a careless program might print of a value. */
function printsOf(value: unknown): readonly string[] {
  const plain = [
    inspect(value, { depth: null, showHidden: true, getters: true }),
    String(value),
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? '',
  ]
  if (!(value instanceof Error)) return plain
  const cause = value.cause === undefined ? [] : printsOf(value.cause)
  return [...plain, value.message, value.stack ?? '', JSON.stringify({ ...value }), ...cause]
}

it('[A14][A20][A25][A33][S44] no value is in any answer, error, log line, print, event or file', async () => {
  const { answers, lines, output, folder, store } = await used()
  const errors = answers.filter((answer) => answer instanceof Error)
  expect(errors.length).toBeGreaterThan(60)
  expect(new Set(errors.map((error) => ('code' in error ? error.code : error.name))).size).toBeGreaterThanOrEqual(9)
  expect(answers.filter(isSecretValue).length).toBeGreaterThan(6)
  expect(lines.length).toBeGreaterThan(300)
  expect(readdirSync(folder)).toEqual(['audit.jsonl'])
  const file = readFileSync(join(folder, 'audit.jsonl'))
  expect(file.includes('secret.created')).toBe(true)
  const rows = await store.audit.query({}, { limit: 1_000 })
  const places = { answers: answers.flatMap(printsOf).join('\n'), lines: lines.join('\n'), output: output.join('\n') }
  for (const canary of canaries) {
    for (const [place, content] of Object.entries(places)) expect(writingIn(content, canary), place).toBeUndefined()
    expect(writingIn(file, canary)).toBeUndefined()
    for (const { body } of rows) expect(writingIn(body, canary)).toBeUndefined()
    expect(store.spellingOf(canary)).toBeUndefined()
  }
})

it('[A21][A33] the master key is in nothing that was stored, logged, answered or printed', async () => {
  const { store, kek, lines, answers, output, folder } = await used()
  expect(store.calls.length).toBeGreaterThan(100)
  expect(store.spellingOf(kek)).toBeUndefined()
  const texts = [lines.join('\n'), answers.flatMap(printsOf).join('\n'), output.join('\n')]
  for (const content of texts) expect(writingIn(content, kek)).toBeUndefined()
  expect(writingIn(readFileSync(join(folder, 'audit.jsonl')), kek)).toBeUndefined()
})

it('[A13][A14][A20] of 1,000 random values a store never sees one, written or read', { timeout: 240_000 }, async () => {
  const store = recordingStore(memoryStore())
  const { scope } = testVault({ store, audit: { mode: 'buffered' }, limits: { versions: 1 } })
  for (let batch = 0; batch < 100; batch++) {
    const values = Array.from({ length: 10 }, () => randomBytes(24))
    for (const [index, value] of values.entries()) {
      await scope('alice').set(`name ${index}`, index % 2 === 0 ? value : value.toString('base64'))
    }
    for (const [index, value] of values.entries()) {
      const expected = index % 2 === 0 ? value : Buffer.from(value.toString('base64'))
      const read = await scope('alice').use(`name ${index}`, (opened) => Buffer.compare(opened, expected))
      expect(read).toBe(0)
    }
    for (const value of values) expect(store.spellingOf(value)).toBeUndefined()
    expect(store.spellingOf('name 9')).toBe('raw')
    store.forget()
  }
})

it('a value that is looked for is found in every way to write it', () => {
  for (const canary of canaries) {
    const [copy, around] = [Buffer.from(canary), Buffer.from('x')]
    const encoded = Buffer.concat([around, copy, around])
    expect(writingIn(encoded, canary)).toBe('raw')
    expect(writingIn(copy.toString('hex'), canary)).toBe('hex')
    expect(writingIn(encoded.toString('base64url'), canary)).toMatch('base64')
    expect(writingIn(encoded.toString('base64'), canary)).toMatch('base64')
  }
  expect(writingIn(Buffer.from(text, 'utf16le'), Buffer.from(text))).toBe('utf16le')
  expect(writingIn(JSON.stringify({ text }), Buffer.from(text))).toBe('json')
})
