// The side of the tool call: makes a link for what is missing, and gives it to the client in the shape that it knows.
import type { MissingSecret } from '../errors.ts'
import { missingError } from '../missing.ts'
import { callAgain, type MissingCall } from '../tools/call.ts'
import { type ElicitingServer, lineOf, opensUrls, repeatedBy, requestIdOf } from './client.ts'
import { fittingSecrets, type Link, newLinkId, openState, type RequestState, sealLink, sealState } from './link.ts'
import type { UrlElicitation } from './options.ts'
import type { ElicitParts } from './parts.ts'
import { waitUntilStored } from './waiting.ts'

/** A link with what is said about it. */
interface Asked extends Omit<Link, 'secrets'> {
  readonly url: string
  readonly message: string
}

interface Asking {
  readonly parts: ElicitParts
  readonly server: ElicitingServer | undefined
  readonly missing: readonly MissingSecret[]
  readonly call: MissingCall
}

/** The key of the one question in `inputRequests`. */
const questionKey = 'secrets'

/**
 * The result of the call, `callAgain`, or undefined when the user cannot help or does not want to. Throws the error -32042
 * for clients of 1.x that open links, and `MCP_SECRET_MISSING` with the link for clients that do not.
 */
export async function askForSecrets(asking: Asking): Promise<unknown> {
  const { missing, call, server } = asking
  if (!missing.every((each) => isAskable(each, call.principal.id))) return undefined
  const line = lineOf(call.extra)
  const state = line === '2.x' ? await stateOf(asking) : undefined
  if (state !== undefined) return goOn(asking, state)
  const asked = await makeLink(asking)
  if (!opensUrls(call.extra, server)) throw printed(asking, asked)
  if (line === '2.x') return inputRequired(asking, asked)
  return asking.parts.config.askBy === 'request' ? askWithin(asking, asked) : throwRequired(asking, asked)
}

/** Only a value of the caller's own can be typed in; one that was altered in the store takes more than that. */
function isAskable({ owner, reason }: MissingSecret, self: string): boolean {
  return owner === self && (reason === 'missing' || reason === 'expired' || reason === 'malformed')
}

async function makeLink({ parts: { config, state }, missing, call }: Asking): Promise<Asked> {
  const secrets = fittingSecrets(missing)
  const id = newLinkId()
  const principal = call.principal.id
  const expiresAtMs = config.clock.now().getTime() + config.ttlMs
  const text = await state.withKey((key) => sealLink(key, { id, principal, expiresAtMs, secrets }))
  const names = secrets.map(({ server, name }) => `"${name}" for ${server}`).join(', ')
  const message = `This tool needs ${names}. Open the page to store it in the vault; the value goes to no model and no chat.`
  return { id, principal, expiresAtMs, url: `${config.baseUrl}/${text}`, message }
}

/** For a client that opens no links: its user does. */
function printed({ parts: { config }, missing, call }: Asking, { url, expiresAtMs }: Asked): Error {
  const until = new Date(expiresAtMs).toISOString()
  const page = `Open ${url} in a browser where you are signed in as the same user; the link works once, until ${until}.`
  const howToStore = (each: MissingSecret): string =>
    [
      ...(config.commandLine === undefined ? [] : [`Run: ${config.commandLine(each)}`]),
      ...(each === missing.at(-1) ? [config.commandLine === undefined ? page : `Or: ${page}`] : []),
    ].join('\n')
  return missingError(missing, { principalId: call.principal.id, howToStore })
}

function elicitationOf({ id, url, message }: Asked): UrlElicitation {
  return { mode: 'url', message, url, elicitationId: id }
}

/** 1.x: the call ends with the error -32042. The client opens the link, is notified that it is done, and calls again. */
async function throwRequired({ parts: { config, completions }, server }: Asking, asked: Asked): Promise<never> {
  const notify = server?.server.createElicitationCompletionNotifier(asked.id)
  const listener = (): void => {
    // A client that is gone asks again by itself when it is back.
    notify?.().catch(() => undefined)
  }
  completions.on(asked.id, { ttlMs: config.ttlMs, listener })
  const make = config.urlElicitationRequired ?? (await errorOfSdk())
  throw make([elicitationOf(asked)], asked.message)
}

async function errorOfSdk(): Promise<(elicitations: UrlElicitation[], message: string) => Error> {
  // Loaded here, since a server of 2.x has no such package.
  const { UrlElicitationRequiredError } = await import('@modelcontextprotocol/sdk/types.js')
  return (elicitations, message) => new UrlElicitationRequiredError(elicitations, message)
}

/** 1.x: asks the client while the call waits. */
async function askWithin(asking: Asking, asked: Asked): Promise<unknown> {
  const { parts, server, call } = asking
  const { ttlMs } = parts.config
  const options = { relatedRequestId: requestIdOf(call.extra), signal: call.signal, timeout: ttlMs }
  const { clock } = parts.config
  let answer: { readonly action: string } | undefined
  try {
    answer = await server?.server.elicitInput(elicitationOf(asked), options)
  } catch {
    call.signal.throwIfAborted()
    // The client opens no links after all, and its user still can while there is time.
    if (clock.now().getTime() >= asked.expiresAtMs) return undefined
    throw printed(asking, asked)
  }
  if (answer?.action !== 'accept') return undefined
  const outcome = await waitUntilStored(parts, { link: asked, limitMs: ttlMs, signal: call.signal })
  return outcome === 'stored' ? callAgain : undefined
}

/** 2.x: the result asks. For a client of an older revision the SDK asks in its place. */
async function inputRequired({ parts: { state } }: Asking, asked: Asked): Promise<object> {
  const { url, message } = asked
  const requestState = await state.withKey((key) => sealState(key, { ...asked, phase: 'asked' }))
  const inputRequests = { [questionKey]: { method: 'elicitation/create', params: { mode: 'url', message, url } } }
  return { resultType: 'input_required', inputRequests, requestState }
}

/** The state of a repeated call. One of another user, too old or changed is none, and the user is asked again. */
async function stateOf({ parts, call }: Asking): Promise<RequestState | undefined> {
  const { state: text } = repeatedBy(call.extra, questionKey)
  if (typeof text !== 'string') return undefined
  const state = await parts.state.withKey((key) => openState(key, text))
  const isOwn = state?.principal === call.principal.id
  return isOwn && state.expiresAtMs > parts.config.clock.now().getTime() ? state : undefined
}

/** 2.x: the client has called again, at once when the user agreed to open the link, so the call waits here. */
async function goOn({ parts, call }: Asking, state: RequestState): Promise<unknown> {
  const { action } = repeatedBy(call.extra, questionKey)
  if (state.phase === 'asked' && action !== 'accept') return undefined
  const { waitMs } = parts.config
  const outcome = await waitUntilStored(parts, { link: state, limitMs: waitMs, signal: call.signal })
  if (outcome === 'stored') return callAgain
  if (outcome === 'expired') return undefined
  // Without a question: the client calls again, and the user is not asked twice.
  const requestState = await parts.state.withKey((key) => sealState(key, { ...state, phase: 'opened' }))
  return { resultType: 'input_required', requestState }
}
