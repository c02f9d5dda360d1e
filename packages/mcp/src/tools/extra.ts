// What an SDK says of a call beside its arguments, in both lines: 1.x calls it `extra`, 2.x `ctx`.

/** What is known of a verified access token. */
export interface AuthFacts {
  readonly token?: string
  readonly clientId?: string
  readonly scopes?: readonly string[]
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** The parts of `extra` (1.x) and `ctx` (2.x) that this package looks at. Any may be absent. */
export interface ToolExtra {
  readonly signal?: AbortSignal
  readonly sessionId?: string | undefined
  readonly authInfo?: AuthFacts | undefined
  sendNotification?(notification: never): Promise<void>
  readonly mcpReq?: { readonly signal: AbortSignal; notify(notification: never): Promise<void> } | undefined
  readonly http?: { readonly authInfo?: AuthFacts | undefined } | undefined
}

/** The signal by which the client cancels the call. */
export function signalOf(extra: ToolExtra): AbortSignal | undefined {
  return extra.mcpReq?.signal ?? extra.signal
}

/** What the transport verified of the caller. */
export function authOf(extra: ToolExtra): AuthFacts | undefined {
  return extra.http?.authInfo ?? extra.authInfo
}

/** What goes to the client beside the result, by either line, and how many of its arguments go there. */
const senders = { sendNotification: 1, sendRequest: 1 } as const
const requestSenders = { notify: 1, send: 1, log: 3, elicitInput: 1, requestSampling: 1 } as const

/**
 * The same `extra`, but what the handler sends by it goes through `redact` first: notifications of progress and logs, and
 * requests to the client. The one given is not changed; others may use it.
 */
export function redactedExtra<T>(extra: T, redact: (value: unknown) => unknown): T {
  if (typeof extra !== 'object' || extra === null) return extra
  const replaced = redactedSenders(extra, senders, redact)
  const { mcpReq }: { readonly mcpReq?: unknown } = extra
  if (typeof mcpReq !== 'object' || mcpReq === null) return copyWith(extra, replaced)
  return copyWith(extra, { ...replaced, mcpReq: copyWith(mcpReq, redactedSenders(mcpReq, requestSenders, redact)) })
}

type Senders = Readonly<Record<string, number>>

function redactedSenders(
  given: object,
  names: Senders,
  redact: (value: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  const replaced: Record<string, unknown> = {}
  for (const [name, count] of Object.entries(names)) {
    const send: unknown = Reflect.get(given, name)
    if (typeof send !== 'function') continue
    replaced[name] = (...sent: readonly unknown[]): unknown =>
      Reflect.apply(send, given, [...sent.slice(0, count).map(redact), ...sent.slice(count)])
  }
  return replaced
}

/** A copy with other properties in the place of some; the one given may be frozen. */
function copyWith<T extends object>(given: T, replaced: Readonly<Record<string, unknown>>): T {
  const shape = { configurable: true, enumerable: true, writable: true }
  const others = Object.fromEntries(Object.entries(replaced).map(([name, value]) => [name, { ...shape, value }]))
  return Object.create(Object.getPrototypeOf(given), { ...Object.getOwnPropertyDescriptors(given), ...others })
}
