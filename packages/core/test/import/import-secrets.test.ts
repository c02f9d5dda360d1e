// importSecrets: compares, creates, updates, keeps and refuses by name; can be stopped and run again; shows no value.
import { codeOf, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { VaultError, type VaultErrorCode } from '../../src/errors/index.ts'
import { type ImportOptions, type ImportProgress, importSecrets, type SourceEntry } from '../../src/import/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { faultStore, interceptStore, manualClock } from '../../src/testing/index.ts'
import type { SecretScope } from '../../src/vault/scope.ts'

const from: readonly SourceEntry[] = [
  { name: 'text', value: 'a text that is secret', description: 'for the site' },
  { name: 'bytes', value: Uint8Array.of(0, 255, 7) },
  { name: 'fields', fields: { user: 'alice', password: 'a password that is secret' } },
]
const expected = [
  ['bytes', 'bytes', Buffer.of(0, 255, 7).toString()],
  ['fields', 'fields', '{"password":"a password that is secret","user":"alice"}'],
  ['text', 'text', 'a text that is secret'],
]
const done = { created: [], kept: [], updated: [], refused: [] }

/** Every secret of a scope, with its value. */
async function contentOf(scope: SecretScope): Promise<unknown> {
  const { values } = await scope.getAll()
  const held = [...values].sort(([a], [b]) => (a < b ? -1 : 1))
  return Promise.all(
    held.map(async ([name, value]) => [
      name,
      value.encoding,
      await value.use((bytes) => Buffer.from(bytes).toString()),
    ]),
  )
}

describe('importSecrets', () => {
  it('creates text, bytes and fields, and says so by name', async () => {
    const scope = testVault().scope('alice')
    const steps: ImportProgress[] = []
    const report = await importSecrets({ from, into: scope, onProgress: (progress) => steps.push(progress) })
    expect(report).toEqual({ ...done, created: ['text', 'bytes', 'fields'] })
    expect((await scope.get('text'))?.reveal()).toBe('a text that is secret')
    expect(await scope.use('bytes', (bytes) => [...bytes])).toEqual([0, 255, 7])
    expect((await scope.get('fields'))?.fields()).toEqual({ user: 'alice', password: 'a password that is secret' })
    expect((await scope.describe('text'))?.description).toBe('for the site')
    expect(steps.map(({ created }) => created)).toEqual([1, 2, 3])
  })

  it('changes nothing in a second run', async () => {
    const scope = testVault().scope('alice')
    await importSecrets({ from, into: scope })
    const before = await scope.list()
    for (const ifPresent of ['refuse', 'keep', 'new-version'] as const)
      expect(await importSecrets({ from, into: scope, ifPresent })).toEqual({
        ...done,
        kept: ['text', 'bytes', 'fields'],
      })
    const revisions = (page: typeof before) => page.items.map((each) => 'revision' in each && each.revision)
    expect(revisions(await scope.list())).toEqual(revisions(before))
  })

  it('goes on where it was stopped', async () => {
    const scope = testVault().scope('alice')
    const stop = new AbortController()
    const onProgress = () => stop.abort(new Error('enough'))
    await expect(importSecrets({ from, into: scope, signal: stop.signal, onProgress })).rejects.toThrow('enough')
    expect(await importSecrets({ from, into: scope })).toEqual({
      ...done,
      kept: ['text'],
      created: ['bytes', 'fields'],
    })
  })

  it.each([
    ['refuse', { refused: [expect.objectContaining({ name: 'token', code: 'VAULT_CONFLICT' })] }, 'the old value'],
    ['keep', { kept: ['token'] }, 'the old value'],
    ['new-version', { updated: ['token'] }, 'the new value'],
  ] as const)('of a name that has another value: %s', async (ifPresent, expected, value) => {
    const scope = testVault().scope('alice')
    await scope.set('token', 'the old value')
    const options = { from: [{ name: 'token', value: 'the new value' }], into: scope, ifPresent }
    expect(await importSecrets({ ...options, dryRun: true })).toEqual({ ...done, ...expected })
    expect((await scope.get('token'))?.reveal()).toBe('the old value')
    expect(await importSecrets(options)).toEqual({ ...done, ...expected })
    expect((await scope.get('token'))?.reveal()).toBe(value)
  })

  it('tells a text from the bytes and the fields that look like it', async () => {
    const scope = testVault().scope('alice')
    await scope.set('token', '{"a":"b"}')
    for (const entry of [
      { name: 'token', fields: { a: 'b' } },
      { name: 'token', value: Buffer.from('{"a":"b"}') },
    ] as const)
      expect((await importSecrets({ from: [entry], into: scope })).refused).toHaveLength(1)
  })

  it('takes the name that the caller makes of an entry, and its other properties', async () => {
    const scope = testVault().scope('alice')
    async function* source() {
      yield { name: 'login', path: 'team/db/login', value: 'x-value' }
    }
    const report = await importSecrets({ from: source(), into: scope, name: ({ path }) => path.replaceAll('/', '.') })
    expect(report.created).toEqual(['team.db.login'])
  })

  it('creates a deleted secret again, as set does', async () => {
    const scope = testVault().scope('alice')
    await scope.set('token', 'of before')
    await scope.delete('token')
    expect(await importSecrets({ from: [{ name: 'token', value: 'of now' }], into: scope })).toMatchObject({
      created: ['token'],
    })
    expect((await scope.get('token'))?.reveal()).toBe('of now')
  })

  it('keeps what somebody stores between its look and its write', async () => {
    const store = memoryStore()
    const test = testVault({ store })
    const scope = test.scope('alice')
    const racing: SecretScope = {
      ...scope,
      async set(name, value, options) {
        await scope.set(name, 'of somebody else')
        return scope.set(name, value, options)
      },
    }
    const { refused } = await importSecrets({ from: [{ name: 'token', value: 'of the source' }], into: racing })
    expect(refused).toMatchObject([{ name: 'token', code: 'VAULT_CONFLICT' }])
    expect((await scope.get('token'))?.reveal()).toBe('of somebody else')
  })
})

describe('an entry', () => {
  const long = 'n'.repeat(300)
  const refusals: readonly (readonly [string, SourceEntry, object])[] = [
    [
      'a name with a slash',
      { name: 'a/b', value: 'x-value' },
      { name: 'a/b', code: 'VAULT_REF_INVALID', field: 'name' },
    ],
    ['no name', { name: '', value: 'x-value' }, { name: '', code: 'VAULT_REF_INVALID', field: 'name' }],
    ['a long name', { name: long, value: 'x-value' }, { name: long.slice(0, 256), code: 'VAULT_REF_INVALID' }],
    ['no value', { name: 'a', value: '' }, { name: 'a', code: 'VAULT_VALUE_INVALID', field: 'value' }],
    ['no field', { name: 'a', fields: {} }, { name: 'a', code: 'VAULT_VALUE_INVALID', field: 'value' }],
    ['a large value', { name: 'a', value: 'x'.repeat(65_537) }, { name: 'a', code: 'VAULT_VALUE_INVALID' }],
    [
      'a field that is no text',
      // As a source without types would give it.
      { name: 'a', fields: { port: 5432 } as unknown as Record<string, string> },
      { name: 'a', code: 'VAULT_VALUE_INVALID', detail: 'must be text, bytes, or named texts.' },
    ],
    [
      'a description with the value',
      { name: 'a', value: 'x-value', description: 'it is x-value' },
      { name: 'a', code: 'VAULT_VALUE_INVALID', field: 'description' },
    ],
    [
      'a long description',
      { name: 'a', value: 'x-value', description: 'd'.repeat(1_025) },
      { name: 'a', code: 'VAULT_VALUE_INVALID', field: 'description' },
    ],
    [
      'a value that the source cannot give',
      { name: 'a/b', refused: { code: 'VAULT_KEY_DENIED', detail: 'no permission' } },
      { name: 'a/b', code: 'VAULT_KEY_DENIED', detail: 'no permission' },
    ],
  ]

  it.each(refusals)(
    'with %s is refused by name, in a dry run too, and the rest goes on',
    async (_, entry, expected) => {
      const scope = testVault().scope('alice')
      const options = { from: [entry, { name: 'next', value: 'x-next' }], into: scope }
      for (const dryRun of [true, false]) {
        const { refused, created } = await importSecrets({ ...options, dryRun })
        expect(refused).toEqual([expect.objectContaining(expected)])
        expect(created).toEqual(['next'])
      }
    },
  )

  it('whose name came before is refused, so that it does not replace the first', async () => {
    const scope = testVault().scope('alice')
    const twice = [
      { name: 'a/b', value: 'the first' },
      { name: 'a.b', value: 'the second' },
    ]
    const name = (entry: { name: string }) => entry.name.replace('/', '.')
    for (const kind of ['created', 'kept'] as const) {
      const report = await importSecrets({ from: twice, into: scope, name, ifPresent: 'new-version' })
      expect(report[kind]).toEqual(['a.b'])
      expect(report.refused).toMatchObject([{ name: 'a.b', code: 'VAULT_CONFLICT' }])
    }
    expect((await scope.get('a.b'))?.reveal()).toBe('the first')
  })

  it.each([
    ['inactive', 'VAULT_INACTIVE'],
    ['expired', 'VAULT_EXPIRED'],
    ['altered', 'VAULT_OPEN_FAILED'],
  ] as const)('whose secret is %s is refused', async (what, code) => {
    const test = testVault()
    const scope = test.scope('alice')
    const expiresAt = new Date(test.clock.now().getTime() + 1_000)
    await scope.set('token', 'a value', what === 'expired' ? { expiresAt } : {})
    if (what === 'inactive') await scope.deactivate('token')
    test.clock.advance(2_000)
    const into: SecretScope = what === 'altered' ? { ...scope, get: () => Promise.reject(new VaultError(code)) } : scope
    const options = { from: [{ name: 'token', value: 'a value' }], into, ifPresent: 'new-version' } as const
    expect((await importSecrets(options)).refused).toMatchObject([{ name: 'token', code }])
  })

  it('that the principal may not write is refused, and one that it may not know of looks absent', async () => {
    const test = testVault()
    await test.scope('alice').set('token', 'of alice')
    const options = {
      from: [
        { name: 'token', value: 'of bob' },
        { name: 'more', value: 'of bob' },
      ],
    }
    const bob = test.scope('alice', { id: 'bob' })
    const refused = [
      expect.objectContaining({ name: 'token', code: 'VAULT_ACCESS_DENIED' }),
      expect.objectContaining({ name: 'more', code: 'VAULT_ACCESS_DENIED' }),
    ]
    expect(await importSecrets({ ...options, into: bob })).toEqual({ ...done, refused })
  })

  it.each([
    [7],
    [{ value: 'x' }],
    [{ name: 'a' }],
    [{ name: 'a', value: 'x', fields: { a: 'b' } }],
    [{ name: 'a', value: 7 }],
    [{ name: 'a', fields: 'x' }],
    [{ name: 'a', value: 'x', description: 7 }],
    [{ name: 'a', refused: { code: 'OTHER' } }],
    [{ name: 'a', refused: { code: 'VAULT_CONFLICT', detail: 7 } }],
  ])('of a wrong type ends the import with a TypeError that says where: %j', async (entry) => {
    const given = [{ name: 'first', value: 'x-value' }, entry]
    const work = Reflect.apply(importSecrets, undefined, [{ from: given, into: testVault().scope('alice') }])
    await expect(work).rejects.toThrow(TypeError)
    await expect(work).rejects.toThrow('entry 2 of from')
  })
})

describe('an import', () => {
  it('shows no value in its report, its progress, its errors and the trail', async () => {
    const test = tickingVault()
    const seen: unknown[] = []
    const value = 'canary-7f3a9c1e'
    const entries: readonly SourceEntry[] = [
      { name: 'ok', value },
      { name: 'there', value },
      { name: 'a/b', value },
      { name: 'told', value, description: value },
      { name: 'fields', fields: { [value]: '' } },
    ]
    await test.scope('alice').set('there', 'another')
    const report = await importSecrets({
      from: entries,
      into: test.scope('alice'),
      onProgress: (progress) => seen.push(progress),
    })
    expect(report.refused).toHaveLength(4)
    const { items } = await test.vault.as({ id: 'ada', roles: ['auditor'] }).auditLog()
    expect(items.length).toBeGreaterThan(4)
    expect(JSON.stringify([report, seen, items])).not.toContain(value)
  })

  it('that is a dry run writes no secret and no key', async () => {
    const clock = manualClock()
    const writes: string[] = []
    const store = interceptStore(memoryStore({ clock }), ({ name, run }) => {
      if (/^(?:secrets|dataKeys)\.(?!find|list|active)/.test(name)) writes.push(name)
      return run()
    })
    const scope = testVault({ clock, store, audit: { mode: 'dangerously-off' } }).scope('alice')
    expect(await importSecrets({ from, into: scope, dryRun: true })).toEqual({
      ...done,
      created: ['text', 'bytes', 'fields'],
    })
    expect(writes).toEqual([])
    await importSecrets({ from, into: scope })
    expect(writes).toContain('secrets.put')
    expect(await contentOf(scope)).toHaveLength(3)
  })

  it.each(['before', 'after'] as const)(
    'ends when the store fails, %s any operation, and the next run ends what it began',
    async (mode) => {
      const runWith = async (failAt: number) => {
        const clock = manualClock()
        const plain = memoryStore({ clock })
        const { other, scope } = testVault({ clock, store: plain, audit: { mode: 'dangerously-off' } })
        const store = faultStore(plain, { failAt, mode })
        const faulty = other({ store }).as({ id: 'alice' }).scope({ server: 'github' })
        const outcome = await codeOf(importSecrets({ from, into: faulty }))
        expect(await importSecrets({ from, into: scope('alice') })).toMatchObject({ updated: [], refused: [] })
        expect(await contentOf(scope('alice'))).toEqual(expected)
        return { outcome, store }
      }
      const { store } = await runWith(0)
      expect(store.operations).toBeGreaterThan(5)
      for (let failAt = 1; failAt <= store.operations; failAt++) {
        const { outcome } = await runWith(failAt)
        // Some operations are repeated by the vault itself.
        expect(['VAULT_STORE_FAILED', 'resolved']).toContain(typeof outcome === 'string' ? outcome : 'resolved')
      }
    },
  )

  it('ends with the error of its source', async () => {
    async function* broken(): AsyncGenerator<SourceEntry> {
      yield { name: 'first', value: 'x-value' }
      throw new VaultError('VAULT_KEY_UNAVAILABLE')
    }
    const scope = testVault().scope('alice')
    expect(await codeOf(importSecrets({ from: broken(), into: scope }))).toBe('VAULT_KEY_UNAVAILABLE')
    expect((await scope.get('first'))?.reveal()).toBe('x-value')
  })

  it('waits 10 minutes for an entry, and for the caller’s signal', async () => {
    const silent = (): AsyncIterable<SourceEntry> => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    })
    const { clock, scope } = testVault()
    const slow = codeOf(importSecrets({ from: silent(), into: scope('alice'), clock }))
    clock.advance(600_000)
    expect(await slow).toBe('VAULT_VALUE_INVALID')
    const stop = new AbortController()
    const stopped = importSecrets({ from: silent(), into: scope('alice'), signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
  })

  it('takes at most 10,000 entries, and closes a source that it leaves early', async () => {
    let given = 0
    let isClosed = false
    function* endless(): Generator<SourceEntry> {
      try {
        for (;;) {
          given += 1
          yield { name: `n${given}`, refused: { code: 'VAULT_EXPIRED' } }
        }
      } finally {
        isClosed = true
      }
    }
    const work = importSecrets({ from: endless(), into: testVault().scope('alice') })
    await expect(work).rejects.toMatchObject({ code: 'VAULT_VALUE_INVALID', field: 'from' })
    expect(given).toBe(10_001)
    expect(isClosed).toBe(true)
  })

  it('whose source cannot be closed ends all the same', async () => {
    const stubborn: Iterable<SourceEntry> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: { name: 'a', value: 7 } as never }), // As a source without types would.
        return() {
          throw new Error('not now')
        },
      }),
    }
    await expect(importSecrets({ from: stubborn, into: testVault().scope('alice') })).rejects.toThrow('entry 1')
  })
})

describe('the options', () => {
  const refused: readonly (readonly [string, unknown])[] = [
    ['no source', { from: undefined }],
    ['a text for a source', { from: 'text' }],
    ['a vault for a scope', { into: {} }],
    ['a name that is no function', { name: 'a' }],
    ['a dry run that is no boolean', { dryRun: 'yes' }],
    ['a signal that is none', { signal: {} }],
    ['a listener that is no function', { onProgress: 7 }],
    ['a clock that is none', { clock: {} }],
    ['a name that is no text', { name: () => 7 }],
  ]

  it.each(refused)('refuse %s', async (_, change) => {
    const options = { from, into: testVault().scope('alice'), ...Object(change) }
    await expect(Reflect.apply(importSecrets, undefined, [options])).rejects.toThrow(TypeError)
  })

  it.each([
    ['ifPresent', { ifPresent: 'overwrite' }],
    ['options.overwrite', { overwrite: true }],
  ])('refuse another %s', async (field, change) => {
    const options = { from, into: testVault().scope('alice'), ...change }
    await expect(Reflect.apply(importSecrets, undefined, [options])).rejects.toMatchObject({
      code: 'VAULT_CONFIG_INVALID' satisfies VaultErrorCode,
      field,
    })
  })

  it('are typed by the source', () => {
    const options: ImportOptions<{ name: string; value: string; line: number }> = {
      from: [{ name: 'A', value: 'x', line: 1 }],
      into: testVault().scope('alice'),
      name: ({ line }) => `line-${line}`,
    }
    expect(options.ifPresent).toBeUndefined()
  })
})
