// How long a value lives: until the handler settles, the client cancels or the time is over, and no longer.
import { createVault, generateKey, keyRing, memoryStore } from '@mcpvault/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type LeasedSecret, withSecrets } from '../../src/index.ts'
import { userVault } from '../support/test-vault.ts'

const alice = { principal: { id: 'alice' } }
const closed = expect.objectContaining({ code: 'VAULT_CLOSED' })

/** A promise with its ends outside. */
function defer<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

async function expectOver(token: LeasedSecret | undefined): Promise<void> {
  expect(() => token?.reveal()).toThrow(closed)
  expect(() => token?.fields()).toThrow()
  await expect(token?.use(() => 1)).rejects.toEqual(closed)
  expect(`${token}`).toBe('[secret]')
}

describe('a value', () => {
  it('[N15] is over when the handler has returned, and its bytes are zeros', async () => {
    const { vault, tokens } = await userVault()
    let kept: LeasedSecret | undefined
    const fill = vi.spyOn(Buffer.prototype, 'fill')
    onTestFinished(() => fill.mockRestore())
    const tool = withSecrets(
      vault,
      { ...alice, secrets: { token: 'issues' } },
      (_args: object, { secrets: { token } }) => {
        kept = token
        fill.mockClear()
        return { length: token.reveal().length }
      },
    )
    expect(await tool({}, {})).toEqual({ length: tokens.alice.length })
    const wiped = fill.mock.contexts.filter(
      (bytes) => bytes instanceof Uint8Array && bytes.length === tokens.alice.length,
    )
    expect(wiped.map((bytes) => [...(bytes instanceof Uint8Array ? bytes : [1])].every((byte) => byte === 0))).toEqual([
      true,
    ])
    await expectOver(kept)
  })

  it('[N15] is over when the handler has thrown', async () => {
    const { vault } = await userVault()
    let kept: LeasedSecret | undefined
    const tool = withSecrets(vault, { ...alice, secrets: { token: 'issues' } }, (_args: object, { secrets }) => {
      kept = secrets.token
      throw new Error('the API is away')
    })
    await expect(tool({}, {})).rejects.toThrow('the API is away')
    await expectOver(kept)
  })

  it('[N15] is over as soon as the client cancels, also in a handler that goes on', async () => {
    const { vault } = await userVault()
    const client = new AbortController()
    const [started, goOn, ended] = [defer<LeasedSecret>(), defer<void>(), defer<unknown>()]
    let copy: Uint8Array | undefined
    const tool = withSecrets(
      vault,
      { ...alice, secrets: { token: 'issues' } },
      async (_args: object, { secrets: { token }, signal }) => {
        const used = token.use(async (bytes) => {
          copy = bytes
          started.resolve(token)
          await goOn.promise
        })
        await used
        ended.resolve({ isAborted: signal.aborted, reason: signal.reason })
        return { text: token.reveal() }
      },
    )
    const reason = new Error('cancelled by the client')
    const result = tool({}, { signal: client.signal })
    const token = await started.promise
    expect(copy?.some((byte) => byte !== 0)).toBe(true)
    client.abort(reason)
    await expect(result).rejects.toThrow('cancelled by the client')
    expect(copy?.every((byte) => byte === 0)).toBe(true)
    await expectOver(token)
    goOn.resolve()
    expect(await ended.promise).toEqual({ isAborted: true, reason })
  })

  it('[N15] is over at the time limit, and the call is refused by name', async () => {
    const { vault } = await userVault()
    let kept: LeasedSecret | undefined
    const tool = withSecrets(
      vault,
      { ...alice, secrets: { token: 'issues' }, timeoutMs: 1 },
      (_args: object, { secrets, signal }) => {
        kept = secrets.token
        return new Promise<object>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('too late to be seen')))
        })
      },
    )
    const refused = await tool({}, {})
    expect(refused).toMatchObject({ isError: true, _meta: { 'mcpvault/code': 'MCP_CALL_TIMED_OUT' } })
    expect(JSON.stringify(refused)).toContain('longer than 1 ms')
    if (kept !== undefined) await expectOver(kept)
  })

  it('[N15] never begins for a call that was cancelled before', async () => {
    const { vault, auditor } = await userVault()
    const tool = withSecrets(vault, { ...alice, secrets: { token: 'issues' } }, () => ({}))
    await expect(tool({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed'] })
    expect(items).toEqual([])
  })

  it('[N15] that is read while the client cancels is wiped when it comes', async () => {
    const store = memoryStore()
    const [reading, goOn] = [defer<void>(), defer<void>()]
    const find: typeof store.secrets.find = async (...given) => {
      const found = await store.secrets.find(...given)
      reading.resolve()
      await goOn.promise
      return found
    }
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const plain = createVault({ keys, store })
    await plain.as({ id: 'alice' }).scope({ server: 'issues' }).set('token', 'a value to keep')
    await plain.close()
    const vault = createVault({ keys, store: { ...store, secrets: { ...store.secrets, find } } })
    onTestFinished(() => vault.close())
    const client = new AbortController()
    let calls = 0
    const tool = withSecrets(vault, { ...alice, secrets: { token: 'issues' } }, () => ({ calls: calls++ }))
    const result = tool({ signal: client.signal })
    await reading.promise
    client.abort(new Error('gone'))
    await expect(result).rejects.toThrow('gone')
    goOn.resolve()
    await vault.as({ id: 'alice' }).scope({ server: 'issues' }).describe('token')
    expect(calls).toBe(0)
  })

  it('cannot be leased any more when the call has ended', async () => {
    const { vault } = await userVault()
    let late: (() => Promise<unknown>) | undefined
    const tool = withSecrets(vault, { ...alice, secrets: {} }, (_args: object, { lease }) => {
      late = () => lease({ server: 'issues', name: 'token' })
      return {}
    })
    await tool({}, {})
    await expect(late?.()).rejects.toEqual(closed)
  })

  it('leaves no timer and no listener behind', async () => {
    const { vault } = await userVault()
    const { signal } = new AbortController()
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    const tool = withSecrets(vault, { ...alice, secrets: { token: 'issues' } }, () => ({}))
    const clear = vi.spyOn(globalThis, 'clearTimeout')
    onTestFinished(() => clear.mockRestore())
    await tool({ signal })
    expect(add).toHaveBeenCalledTimes(1)
    expect(remove).toHaveBeenCalledTimes(1)
    expect(clear).toHaveBeenCalled()
  })
})

describe('calls of two users at the same time', () => {
  it('[N1] each have their own value in 1,000 calls', async () => {
    const { vault, tokens } = await userVault()
    const tool = withSecrets(
      vault,
      { secrets: { token: 'issues' } },
      async (_args: object, { secrets: { token }, principal, correlationId }) => {
        await new Promise((resolve) => setImmediate(resolve))
        const owner = Object.entries(tokens).find(([, value]) => value === token.reveal())?.[0]
        return { owner, principal: principal.id, correlationId }
      },
    )
    const callers = Array.from({ length: 500 }, () => ['alice', 'bob']).flat()
    const results = await Promise.all(callers.map((sub) => tool({}, { authInfo: { extra: { sub } } })))
    expect(results).toMatchObject(callers.map((user) => ({ owner: user, principal: user })))
    expect(new Set(results.map((each) => Reflect.get(each, 'correlationId'))).size).toBe(1_000)
  })
})
