// What is known of the client of a call: the line of the SDK it came by, and whether it opens links for its user.
import type { ToolExtra } from '../tools/extra.ts'
import type { UrlElicitation } from './options.ts'

/** What the asking side uses of an `McpServer`, of either line. */
export interface ElicitingServer {
  readonly server: {
    getClientCapabilities(): unknown
    elicitInput(params: UrlElicitation, options?: object): Promise<{ readonly action: string }>
    createElicitationCompletionNotifier(elicitationId: string): () => Promise<void>
  }
}

const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities'

/** 2.x gives what belongs to the request in a part of its own. */
export function lineOf(extra: ToolExtra): '1.x' | '2.x' {
  return extra.mcpReq === undefined ? '1.x' : '2.x'
}

/**
 * Whether the client has declared elicitation by URL: in this request (revision 2026-07-28) or when it connected. A client
 * that declares only `elicitation: {}` has forms alone, which are never used for secrets.
 */
export function opensUrls(extra: ToolExtra, server: ElicitingServer | undefined): boolean {
  const envelope = part(extra.mcpReq, 'envelope')
  const declared = part(envelope, capabilitiesKey) ?? server?.server.getClientCapabilities()
  return part(part(declared, 'elicitation'), 'url') !== undefined
}

/** What a client of 2.x sent with a call that it repeats. None of it is checked. */
export interface Repeated {
  /** As it came, or as a hook of the server has decoded it. */
  readonly state: unknown
  /** What the user did with the link. */
  readonly action: unknown
}

export function repeatedBy(extra: ToolExtra, key: string): Repeated {
  const accessor = part(extra.mcpReq, 'requestState')
  const state: unknown = typeof accessor === 'function' ? Reflect.apply(accessor, extra.mcpReq, []) : undefined
  return { state, action: part(part(part(extra.mcpReq, 'inputResponses'), key), 'action') }
}

/** The id of the JSON-RPC request in 1.x, by which a transport knows to which answer a message belongs. */
export function requestIdOf(extra: ToolExtra): unknown {
  return part(extra, 'requestId')
}

function part(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
