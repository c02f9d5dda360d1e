// The options of elicitSecrets, checked and with their defaults.
import { type Clock, type Principal, systemClock, type Vault, VaultError } from '@mcpvault/core'
import { findPreset, type Preset, type PresetInput } from '@mcpvault/core/presets'
import type { MissingSecret } from '../errors.ts'
import { isPrivate } from '../fetch/hosts.ts'

/** What a probe found: `unknown` when the provider could not be asked, which is no reason to refuse the value. */
export type ProbeOutcome = 'valid' | 'invalid' | 'unknown'

/** A value that was typed and has passed its preset, before it is stored. */
export interface ProbedSecret {
  readonly server: string
  readonly name: string
  /** The id of its preset. */
  readonly preset: string
  readonly value: PresetInput
  /** Aborts after 10 s, or when the browser goes away. */
  readonly signal: AbortSignal
}

/** One entry of an elicitation as the revision 2025-11-25 has it. */
export interface UrlElicitation {
  readonly mode: 'url'
  readonly message: string
  readonly url: string
  readonly elicitationId: string
}

export interface ElicitSecretsOptions {
  readonly vault: Vault
  /**
   * Where the page is mounted, as browsers reach it, such as `https://app.example.com/connect`. It must be https, or http
   * on this machine.
   */
  readonly baseUrl: string
  /**
   * Who is signed in in the browser; undefined for nobody. It must be found as the principal of tool calls is, since both
   * must have the same id.
   */
  readonly principalOfBrowser: (request: Request) => Principal | undefined | PromiseLike<Principal | undefined>
  /** How long a link works, in ms: 10,000 to 86,400,000; default 600,000. */
  readonly ttlMs?: number
  /**
   * What kind of secret each one is, by `server/name`: the id of a preset of `@mcpvault/core/presets`, or one of your own.
   * Default `custom`, one text.
   */
  readonly presets?: Readonly<Record<string, string | Preset>>
  /** Asks the provider whether a value works, before it is stored. What it throws counts as `unknown`. */
  readonly probe?: (secret: ProbedSecret) => ProbeOutcome | PromiseLike<ProbeOutcome>
  /** Where somebody who is not signed in is sent, given the address of the page. Default: a page that says so. */
  readonly signInUrl?: (url: string) => string
  /** A command that stores a secret, printed beside the link for clients that cannot open one. */
  readonly commandLine?: (missing: MissingSecret) => string
  /**
   * How servers of 1.x ask: `error` ends the call with the error -32042, and the client calls again; `request` asks within
   * the call, waits, and goes on with it. Default `error`.
   */
  readonly askBy?: 'error' | 'request'
  /** How long a call waits in one go for the user to finish, in ms: 0 to 3,600,000; default 45,000, below the limit of clients. */
  readonly waitMs?: number
  /**
   * Whose secrets the key of the links and the record of used links are. Default `{ id: 'mcpvault-elicitation' }`; nobody
   * may sign in by that id.
   */
  readonly service?: Principal
  /** Told of what the page answered with status 500 or 503. No error of the vault has a value in it. */
  readonly onError?: (error: unknown) => void
  /** Makes the error of 1.x; needed when the server does not run on the ES modules of `@modelcontextprotocol/sdk`. */
  readonly urlElicitationRequired?: (elicitations: UrlElicitation[], message: string) => Error
  /** Default: the system's clock. */
  readonly clock?: Clock
}

export interface ElicitConfig extends Omit<ElicitSecretsOptions, 'baseUrl' | 'presets'> {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly ttlMs: number
  readonly waitMs: number
  readonly askBy: 'error' | 'request'
  readonly service: Principal
  readonly clock: Clock
  presetOf(server: string, name: string): Preset
}

/** Throws `VAULT_CONFIG_INVALID`, which names the option. */
export function parseOptions(options: ElicitSecretsOptions): ElicitConfig {
  const { ttlMs = 600_000, waitMs = 45_000, askBy = 'error', presets = {} } = options
  requireMs(ttlMs, { field: 'ttlMs', min: 10_000, max: 86_400_000 })
  requireMs(waitMs, { field: 'waitMs', min: 0, max: 3_600_000 })
  if (askBy !== 'error' && askBy !== 'request') throw invalid('askBy', 'must be "error" or "request".')
  if (typeof options.principalOfBrowser !== 'function') throw new TypeError('principalOfBrowser must be a function')
  const byRef = new Map(Object.entries(presets).map(([ref, preset]) => [ref, parsePreset(ref, preset)]))
  const custom = parsePreset('custom', 'custom')
  return {
    ...options,
    baseUrl: parseBaseUrl(options.baseUrl),
    ttlMs,
    waitMs,
    askBy,
    service: options.service ?? { id: 'mcpvault-elicitation' },
    clock: options.clock ?? systemClock,
    presetOf: (server, name) => byRef.get(`${server}/${name}`) ?? custom,
  }
}

function parseBaseUrl(given: string): string {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !isPrivate(url))
    throw invalid('baseUrl', 'must be a URL with https, or with http on this machine.')
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw invalid('baseUrl', 'must have no login, query and fragment.')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function parsePreset(ref: string, given: string | Preset): Preset {
  const preset = typeof given === 'string' ? findPreset(given) : given
  if (preset !== undefined && typeof preset.check === 'function') return preset
  throw invalid(`presets.${ref}`, 'must be a preset or the id of one.')
}

function requireMs(
  value: number,
  { field, min, max }: { readonly field: string; readonly min: number; readonly max: number },
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return
  throw invalid(field, `must be an integer from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}.`)
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
