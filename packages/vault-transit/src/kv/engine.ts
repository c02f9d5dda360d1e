// The requests to a KV version 2 engine: what is in a folder, and the newest version of a secret.
import { type CallOptions, isVaultError, VaultError } from '@mcpvault/core'
import { classifyTransitError, isTransitFailure } from '../failures.ts'
import { type Json, objectIn } from '../http.ts'
import type { SendRequest, ServerRequest } from '../requests.ts'
import type { KvSettings } from './options.ts'
import { encodedPath } from './path.ts'
import type { KvVersion } from './secret.ts'

/** How the engine is asked, and how a wait is waited. */
export interface KvTools {
  readonly send: SendRequest
  /** Resolves after so many milliseconds, or rejects when the signal is aborted. */
  wait(ms: number, signal: AbortSignal | undefined): Promise<unknown>
  /** How many keys are asked for at a time. Default 1,000. */
  readonly pageLength?: number
}

/** The token may not do this. */
export interface KvDenied {
  readonly denied: VaultError
}

export interface KvEngine {
  readonly pageLength: number
  /**
   * At most `pageLength` keys of a folder after a key, in the order of the server; those that end in a slash are
   * folders. A server that knows no pages gives all. Empty when there is no such folder.
   */
  list(folder: readonly string[], after: string | undefined): Promise<readonly string[] | KvDenied>
  /** The newest version; undefined when it is deleted, or never was. */
  read(path: readonly string[]): Promise<KvVersion | KvDenied | undefined>
}

/** The engine refuses larger secrets by default; a list without pages may be long. */
const maxAnswerBytes = 8 * 1024 * 1024

/** The waits before a request that failed for a while, such as by a limit on their rate, is sent again. */
const waitsMs: readonly number[] = [250, 500, 1_000, 2_000]

/** More refusals than these are of the rules and not of the token, and a new one changes nothing. */
const maxRenewals = 3

/** The engine. Its methods throw `VAULT_CONFIG_INVALID`, `VAULT_KEY_UNAVAILABLE`, and the reason of the signal. */
export function kvEngine({ mount, signal }: KvSettings, { send, wait, pageLength = 1_000 }: KvTools): KvEngine {
  const options: CallOptions = { signal }
  let refusals = 0

  async function ask(request: ServerRequest, attempt = 0): Promise<Json> {
    try {
      return await send({ ...request, maxAnswerBytes, refusal: refusals < maxRenewals ? 'renew' : 'final' }, options)
    } catch (error) {
      const waitMs = waitsMs[attempt]
      const isOver = signal?.aborted === true || waitMs === undefined
      if (isOver || isVaultError(error) || classifyTransitError(error) !== 'transient') throw error
      await wait(waitMs, signal)
      return ask(request, attempt + 1)
    }
  }

  /** The answer; undefined for nothing there. */
  async function look(request: ServerRequest): Promise<Json | KvDenied | undefined> {
    try {
      return await ask(request)
    } catch (error) {
      signal?.throwIfAborted()
      if (isVaultError(error)) throw error
      // A 404 that says nothing is of what is not there; one that speaks is of a mount that is not there.
      const { status, answer, operation } = isTransitFailure(error) ? error : nothingKnown
      if (status === 404 && answer === '') return undefined
      if (status === 404) throw otherEngine(error)
      if (classifyTransitError(error) === 'transient') throw unavailable(error)
      // A refused sign-in is of no path.
      if (operation === 'login') throw refusal(error)
      refusals += 1
      return { denied: refusal(error) }
    }
  }

  return {
    pageLength,
    async list(folder, after) {
      const path = [`${mount}/metadata`, ...folder.map(encodeURIComponent), ''].join('/')
      const page = { list: 'true', limit: String(pageLength), ...(after === undefined ? {} : { after }) }
      const answer = await look({ operation: 'list', path, query: page })
      if (answer === undefined) return []
      if (isDenied(answer)) return answer
      const { keys } = answer
      if (!isTexts(keys)) throw otherEngine()
      return keys
    },
    async read(path) {
      const answer = await look({ operation: 'read', path: `${mount}/data/${encodedPath(path)}` })
      return answer === undefined || isDenied(answer) ? answer : versionIn(answer)
    },
  }
}

const nothingKnown = { status: undefined, answer: '', operation: '' }

export function isDenied(answer: object): answer is KvDenied {
  return 'denied' in answer && isVaultError(answer.denied)
}

function versionIn({ data, metadata }: Json): KvVersion {
  const { version, custom_metadata: custom } = objectIn(metadata)
  const { description } = objectIn(custom)
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw otherEngine()
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) throw otherEngine()
  const text = typeof description === 'string' && description !== '' ? description : undefined
  return { data: objectIn(data), version, description: text }
}

function unavailable(cause: unknown): VaultError {
  return new VaultError('VAULT_KEY_UNAVAILABLE', { detail: 'Its KV engine was asked five times.', cause })
}

function refusal(cause: unknown): VaultError {
  return new VaultError('VAULT_KEY_DENIED', {
    detail: 'A request to list or read secrets was refused, or the sign-in.',
    cause,
  })
}

function otherEngine(cause?: unknown): VaultError {
  const detail = 'must be where a KV version 2 engine is: the answer of the server is not of one.'
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'mount', detail, cause })
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
