// The types of a wrapped tool: what its options are, what its handler gets, and what the SDKs see of it.
import type { CallContext, Principal, VaultSession } from '@mcpvault/core'
import type { MissingSecret } from '../errors.ts'
import type { HowToStore } from '../missing.ts'
import type { Redactor } from '../redact/index.ts'
import type { LeasedOf, LeasedSecrets, SecretDeclaration } from './declarations.ts'
import type { ToolExtra } from './extra.ts'
import type { ToolRefusal } from './failures.ts'
import type { PrincipalSource } from './principal.ts'

/**
 * What a handler gives back: the result of a tool in either line of the SDK. The kinds of content are written out so that
 * `type: 'text'` in a handler needs no `as const`.
 */
export type ToolResult =
  | { readonly content?: readonly { readonly type: 'text' | 'image' | 'audio' | 'resource' | 'resource_link' }[] }
  | object

/** What the handler of a tool gets beside its arguments. */
export interface ToolCall<Secrets, Extra = ToolExtra> {
  /** The declared secrets, by their keys. */
  readonly secrets: LeasedSecrets<Secrets>
  /** What the SDK gave; notifications and requests sent by it have no value in them. */
  readonly extra: Extra
  readonly principal: Principal
  /** The principal's way into the vault, for more than reading. */
  readonly session: VaultSession
  /** Made for this call; in every event of it. The id of a JSON-RPC request repeats from client to client. */
  readonly correlationId: string
  /** Aborts when the client cancels and at the time limit: pass it on to `fetch`. */
  readonly signal: AbortSignal
  /** Knows the values of this call. */
  readonly redactor: Redactor
  /**
   * A secret that is known only now, such as one that another user shared. It is treated as if it had been declared: the
   * call is refused when it is not there.
   */
  lease<const D extends NamedDeclaration>(declaration: D): Promise<LeasedOf<D>>
}

/** A declaration outside of a list, where no key could be its name. */
export type NamedDeclaration = SecretDeclaration & { readonly name: string }

/** What `onMissing` gets to know of the call. */
export type MissingCall = Omit<ToolCall<unknown>, 'secrets' | 'lease'>

/** What `onMissing` returns when the secrets are there now. The call begins again, once. */
export const callAgain: unique symbol = Symbol.for('mcpvault.callAgain')

/** What is looked for in the arguments of each call. */
export interface Inbound {
  /**
   * The servers of the caller whose canaries are looked for, also in base64, hex and the escapes of URLs. One that is
   * found makes the event `access.canary` and calls the vault's `onCanary`. It reads these scopes at each call. Default
   * none.
   */
  readonly canariesOf?: readonly string[]
  /**
   * Told of the canaries, and of values that are live in this process, by `server/name`. What it throws refuses the call;
   * otherwise the call goes on.
   */
  readonly onFound?: (found: readonly string[], call: MissingCall) => void | Promise<void>
}

export interface WithSecretsOptions<Secrets> {
  readonly secrets: Secrets
  /** Default: the `sub` or `userId` of the verified access token. Over stdio there is none: give a principal. */
  readonly principal?: PrincipalSource
  /** When the call is refused, and its values wiped, in ms: 1 to 86,400,000; default 300,000. */
  readonly timeoutMs?: number
  /** Facts for the audit events, such as `userAgent`, `sourceIp` or `reason`. */
  readonly context?: (extra: ToolExtra) => CallContext
  /** Said after each missing secret, such as the address of a settings page. */
  readonly howToStore?: HowToStore
  /**
   * Asked when secrets are missing, with all of them. What it returns is the result of the call, what it throws the error;
   * undefined refuses the call as usual, and `callAgain` tries it once more: they are there now.
   */
  readonly onMissing?: (missing: readonly MissingSecret[], call: MissingCall) => unknown
  /** Looks through the arguments for values that the model should not have. Default: it does not. */
  readonly inbound?: Inbound
  /** Default: `redactorOf(vault)`. */
  readonly redactor?: Redactor
}

/** A tool without arguments is called with `extra` alone. */
type Given<Args, Extra> = [Args] extends [undefined] ? [extra: Extra] : [args: Args, extra: Extra]
export type ArgsOf<Args> = [Args] extends [undefined] ? Readonly<Record<string, never>> : Args

/** What both SDKs take as the handler of a tool. */
export type SecretHandler<Args, Extra, Result> = (...given: Given<Args, Extra>) => Promise<Result | ToolRefusal>
