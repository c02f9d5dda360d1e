// The options of vaultHandler, checked once and fully defaulted.
import { BlockList, isIP } from 'node:net'
import { type CallContext, isVaultError, type Principal, type Vault, VaultError } from '@mcpvault/core'

/** Who is signed in: id and roles, and facts about the call for the audit trail. */
export interface SignedIn extends Principal {
  /** Address, user agent and correlation id are filled in by the handler unless they are given. */
  readonly context?: CallContext | undefined
}

/** The calls of older systems that can be kept working. */
export type CompatSystem = 'airis' | 'sigyl' | 'nexus'

/** Counts reveals. Every limiter of rate-limiter-flexible is one; `consume` rejects when there are too many. */
export interface RevealLimiter {
  consume(principal: string): Promise<unknown>
}

/** Sizes and times. */
export interface HandlerLimits {
  /** Bytes of a request body. Default 524,288, at most 16,777,216. */
  readonly bodyBytes?: number
  /** Time that a request body may take to arrive, in ms. Default 30,000. */
  readonly bodyMs?: number
  /** Values that one principal may read in a minute. Default 30. */
  readonly revealsPerMinute?: number
}

/** Where unexpected errors go. It is given names, codes and places in the source, never a message or a value. */
export interface HttpLogger {
  error(facts: Readonly<Record<string, unknown>>, message: string): void
}

/** The options of `vaultHandler`. */
export interface VaultHandlerOptions {
  readonly vault: Vault
  /**
   * Who is signed in, by the host's own session or token; undefined for nobody, which is 401. Nothing else in a request
   * chooses the principal.
   */
  readonly principal: (request: Request) => SignedIn | undefined | PromiseLike<SignedIn | undefined>
  /** Where the handler is mounted, such as `/vault`. Default the root. */
  readonly basePath?: string
  /** Whether to serve the settings page. Default true. */
  readonly page?: boolean
  /** Where the page sends somebody who is not signed in. Default: a page that says so. */
  readonly signInUrl?: string
  /** The calls of older systems to answer. Default none. */
  readonly compat?: readonly CompatSystem[]
  /** Whether plain HTTP from other machines is served. Default false: only from this machine. */
  readonly allowInsecure?: boolean
  /** Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` count. Default none. */
  readonly trustProxy?: readonly string[]
  /** The origins of the app, such as `https://app.example.org`. Another Host or Origin is refused. */
  readonly origins?: readonly string[]
  readonly limits?: HandlerLimits
  /** Counts reveals instead of the handler's own limiter, which knows this process only. */
  readonly revealLimiter?: RevealLimiter
  /** As whom the vault is looked at for an anonymous `GET /health`. Default: nobody, and it takes a sign-in. */
  readonly healthAs?: Principal
  readonly logger?: HttpLogger
}

/** Checked options. */
export interface HandlerConfig {
  readonly vault: Vault
  readonly principal: VaultHandlerOptions['principal']
  readonly basePath: string
  readonly page: boolean
  readonly signInUrl: string | undefined
  readonly compat: ReadonlySet<CompatSystem>
  readonly allowInsecure: boolean
  readonly trustedProxies: BlockList
  /** By host, such as `app.example.org`; undefined when none are given. */
  readonly origins: ReadonlyMap<string, string> | undefined
  readonly limits: Required<HandlerLimits>
  readonly revealLimiter: RevealLimiter | undefined
  readonly healthAs: Principal | undefined
  readonly logger: HttpLogger | undefined
}

const optionNames: readonly string[] = [
  'vault',
  'principal',
  'basePath',
  'page',
  'signInUrl',
  'compat',
  'allowInsecure',
  'trustProxy',
  'origins',
  'limits',
  'revealLimiter',
  'healthAs',
  'logger',
]
const compatSystems: readonly CompatSystem[] = ['airis', 'sigyl', 'nexus']

/** Checks the options. Throws `VAULT_CONFIG_INVALID`. */
export function parseHandlerOptions(options: VaultHandlerOptions): HandlerConfig {
  refuseUnknown(options, optionNames, 'options')
  const { vault, principal, page = true, allowInsecure = false, signInUrl, revealLimiter, healthAs, logger } = options
  checkMethod(vault, 'as', 'vault')
  checkMethod(vault, 'operator', 'vault')
  if (typeof principal !== 'function') throw invalid('principal', 'must be a function.')
  if (typeof page !== 'boolean') throw invalid('page', 'must be a boolean.')
  if (typeof allowInsecure !== 'boolean') throw invalid('allowInsecure', 'must be a boolean.')
  if (signInUrl !== undefined && typeof signInUrl !== 'string') throw invalid('signInUrl', 'must be a string.')
  if (revealLimiter !== undefined) checkMethod(revealLimiter, 'consume', 'revealLimiter')
  if (logger !== undefined) checkMethod(logger, 'error', 'logger')
  if (healthAs !== undefined) checkPrincipal(vault, healthAs)
  return {
    vault,
    principal,
    basePath: parseBasePath(options.basePath ?? ''),
    page,
    signInUrl,
    compat: parseCompat(options.compat ?? []),
    allowInsecure,
    trustedProxies: parseProxies(options.trustProxy ?? []),
    origins: options.origins === undefined ? undefined : parseOrigins(options.origins),
    limits: parseLimits(options.limits ?? {}),
    revealLimiter,
    healthAs,
    logger,
  }
}

function parseBasePath(basePath: unknown): string {
  if (basePath === '' || basePath === '/') return ''
  if (typeof basePath !== 'string' || !/^(\/[\w.~-]+)+$/.test(basePath) || /\/\.{1,2}(\/|$)/.test(basePath)) {
    throw invalid('basePath', 'must be a path such as /vault, without a slash at its end.')
  }
  return basePath
}

function parseCompat(compat: unknown): ReadonlySet<CompatSystem> {
  const systems = new Set(compatSystems.filter((system) => listOf(compat, 'compat').includes(system)))
  if (systems.size === listOf(compat, 'compat').length) return systems
  throw invalid('compat', `must have only ${compatSystems.join(', ')}, each once.`)
}

function parseProxies(proxies: unknown): BlockList {
  const list = new BlockList()
  for (const entry of listOf(proxies, 'trustProxy')) {
    const [address = '', prefix, ...rest] = typeof entry === 'string' ? entry.split('/') : []
    const family = isIP(address)
    const bits = prefix === undefined ? undefined : Number(prefix)
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(`${prefix}`) && bits <= (family === 4 ? 32 : 128))
    if (family === 0 || !isPrefix || rest.length > 0) {
      throw invalid('trustProxy', 'must have only addresses and networks, such as 10.0.0.5 or 10.0.0.0/8.')
    }
    const type = family === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, type)
    else list.addSubnet(address, bits, type)
  }
  return list
}

function parseOrigins(origins: unknown): ReadonlyMap<string, string> {
  const byHost = new Map<string, string>()
  for (const entry of listOf(origins, 'origins')) {
    const url = typeof entry === 'string' && URL.canParse(entry) ? new URL(entry) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
      throw invalid('origins', 'must have only origins, such as https://app.example.org.')
    }
    byHost.set(url.host, url.origin)
  }
  return byHost
}

/** Default, minimum and maximum of each limit. */
const ranges: Readonly<Record<keyof HandlerLimits, readonly [number, number, number]>> = {
  bodyBytes: [524_288, 1_024, 16_777_216],
  bodyMs: [30_000, 1, 600_000],
  revealsPerMinute: [30, 1, 1_000_000],
}

function parseLimits(given: HandlerLimits): Required<HandlerLimits> {
  refuseUnknown(given, Object.keys(ranges), 'limits')
  const limit = (name: keyof HandlerLimits): number => {
    const [standard, min, max] = ranges[name]
    const value = given[name] ?? standard
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value
    throw invalid(`limits.${name}`, `must be an integer from ${min} to ${max}.`)
  }
  return { bodyBytes: limit('bodyBytes'), bodyMs: limit('bodyMs'), revealsPerMinute: limit('revealsPerMinute') }
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalid(field, 'must be an array.')
}

function checkPrincipal(vault: Vault, principal: Principal): void {
  try {
    vault.as(principal)
  } catch (error) {
    throw invalid('healthAs', isVaultError(error) ? 'must be a principal.' : 'must be an object with an id.')
  }
}

function checkMethod(value: unknown, method: string, field: string): void {
  // Also one that stands on a prototype, as the methods of a limiter do.
  const has = typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
  if (!has) throw invalid(field, `must have the function ${method}.`)
}

function refuseUnknown(given: unknown, known: readonly string[], field: string): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw invalid(field, 'must be an object.')
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(`${field}.${unknown}`, 'is not a known option.')
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
