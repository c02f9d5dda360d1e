// Who asks, and in which call.

/** The principal in events of what the vault does by itself. No login, owner or grantee may have this name. */
export const vaultItself = 'mcpvault'

/** The authenticated caller. The host resolves it (from `authInfo`, a session, a job); never from tool arguments. */
export interface Principal {
  /** What the login system calls this user, 1 to 256 bytes. */
  readonly id: string
  /** Names of roles of the vault's policy. Default none. */
  readonly roles?: readonly string[] | undefined
}

/** Facts about the call, kept with each audit event. All may be absent or `undefined`, each is at most 256 bytes. */
export interface CallContext {
  /**
   * Ties together the events of one call. Default: the id of `withCorrelation`, else a random UUID for each session. One
   * that is empty, longer or has control characters is cut to fit, as a user agent is.
   */
  readonly correlationId?: string | undefined
  /** An IPv4 or IPv6 address. */
  readonly sourceIp?: string | undefined
  readonly userAgent?: string | undefined
  readonly deploymentId?: string | undefined
  /** Why the value is needed; a tier can require it. */
  readonly reason?: string | undefined
}
