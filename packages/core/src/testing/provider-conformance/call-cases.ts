// Conformance cases: calls at the same time, calls that are ended, and what the errors of calls hold.
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { Awaitable, CallOptions } from '../../contracts/index.ts'
import { casesOf, type ProviderConformanceCase, type ProviderUnderTest } from './case.ts'
import {
  assertOpens,
  integrityCodes,
  outcomeOf,
  refusalCodes,
  sampleKeyScope,
  sampleRequest,
  wrapsOf,
} from './check.ts'
import { holdsBytes } from './leaks.ts'

/** How long a call may go on after its signal was aborted. One that never ends is looked for, and machines may be busy. */
const limitMs = 10_000

export const callCases: readonly ProviderConformanceCase[] = casesOf({
  about: 'calls',
  cases: {
    async 'at the same time do not mix up'(subject) {
      const requests = Array.from({ length: 20 }, (_, at) =>
        sampleRequest(`data key ${at}`, sampleKeyScope({ owner: `owner ${at}` })),
      )
      const wrapped = await Promise.all(
        requests.map(async (request) => ({ request, wraps: await wrapsOf(subject.provider, request) })),
      )
      await Promise.all(wrapped.map(({ request, wraps }) => assertOpens(subject, wraps, request)))
    },
    async 'end when their signal is aborted, and that is no refusal'(subject) {
      const calls = await callsOf(subject)
      for (const [name, call] of calls) await assertEnds(subject, name, () => call({ signal: AbortSignal.abort() }))
      if (subject.hang === undefined) return
      subject.hang()
      for (const [name, call] of calls) {
        const abort = new AbortController()
        await assertEnds(subject, name, async () => {
          const running = Promise.all([call({ signal: abort.signal })])
          // By then the call is on its way.
          await setImmediate()
          abort.abort()
          return running
        })
      }
    },
    async 'that fail say nothing of a key, and no property of the provider does'(subject) {
      const secrets = [sampleRequest().dek, ...(subject.secrets ?? [])]
      for (const [name, error] of await errorsOf(subject))
        assert.ok(!holdsBytes(error, secrets), `the error of ${name} holds a key`)
      assert.ok(!holdsBytes(subject.provider, secrets.slice(1)), 'the provider shows a key')
    },
  },
})

type Call = (options: CallOptions) => Awaitable<unknown>

/** Every call of the provider, ready to be made. */
async function callsOf({
  provider,
  older = provider,
}: ProviderUnderTest): Promise<readonly (readonly [string, Call])[]> {
  const request = sampleRequest()
  const { dekId, scope } = request
  const wraps = await wrapsOf(older, request)
  const calls: readonly (readonly [string, Call])[] = [
    ['currentKeyIds', (options) => provider.currentKeyIds(options)],
    ['wrap', (options) => provider.wrap(request, options)],
    ['fingerprints', (options) => provider.fingerprints?.(options)],
    ['generate', (options) => provider.generate?.({ dekId, scope }, options)],
    ['rewrap', (options) => provider.rewrap?.(wraps, scope, options)],
    ...wraps.map((record): readonly [string, Call] => ['unwrap', (options) => provider.unwrap(record, scope, options)]),
  ]
  return calls
}

/** A call whose signal is aborted may be done; where it fails, cached keys must not be evicted for it. */
async function assertEnds({ provider, opener }: ProviderUnderTest, name: string, work: () => Awaitable<unknown>) {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = new assert.AssertionError({ message: `${name} goes on after its signal was aborted` })
    timer = setTimeout(() => reject(error), limitMs)
  })
  try {
    const outcome = await Promise.race([outcomeOf(provider, work), late])
    // What the provider can only wrap, it does not know: that is said before anything is asked.
    const isExpected = outcome.state === 'failed' && opener !== undefined && outcome.code === 'VAULT_KEY_UNKNOWN'
    if (outcome.state === 'done' || isExpected) return
    const isRefusal = [...integrityCodes, ...refusalCodes].includes(outcome.code)
    assert.ok(!isRefusal, `${name} that was aborted must not fail with ${outcome.code}`)
  } finally {
    clearTimeout(timer)
  }
}

/** The errors of calls that fail for many reasons. */
async function errorsOf(subject: ProviderUnderTest): Promise<readonly (readonly [string, unknown])[]> {
  const { provider } = subject
  const [record = new Uint8Array()] = await wrapsOf(provider)
  const altered = record.with(-1, (record.at(-1) ?? 0) ^ 0x10)
  const aborted = { signal: AbortSignal.abort() }
  const works: readonly (readonly [string, () => Awaitable<unknown>])[] = [
    ['another scope', () => provider.unwrap(record, sampleKeyScope({ owner: 'bob' }))],
    ['an altered record', () => provider.unwrap(altered, sampleKeyScope())],
    ['no record', () => provider.unwrap(record.slice(0, 20), sampleKeyScope())],
    ...(await callsOf(subject)).map(([name, call]) => [`${name} that was aborted`, () => call(aborted)] as const),
  ]
  const errors: (readonly [string, unknown])[] = []
  for (const [name, work] of works) {
    const outcome = await outcomeOf(provider, work)
    if (outcome.state === 'failed') errors.push([name, outcome.error])
  }
  return errors
}
