// The part of the caller's client that the store uses, of one server or of a cluster.

export type RedisArgument = string | Buffer | number

/** A client of one server, or of one node. */
export interface RedisNode {
  /** Sends one command; texts in the reply come as bytes. */
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>
  /** The function that sends a command by itself, outside of the pipelines of `enableAutoPipelining`. */
  createBuiltinCommand?(command: string): {
    readonly buffer: (this: unknown, ...args: RedisArgument[]) => Promise<unknown>
  }
  /** The settings of the client that the store reads. */
  readonly options?: RedisSettings
  /** The socket, once there is one. */
  readonly stream?: { readonly remoteAddress?: string | undefined } | undefined
}

export interface RedisSettings {
  readonly host?: string | undefined
  readonly path?: string | undefined
  readonly db?: number | undefined
  readonly tls?: object | undefined
  readonly sentinels?: readonly { readonly host?: string | undefined }[] | null | undefined
  readonly sentinelTLS?: object | undefined
  readonly enableTLSForSentinelMode?: boolean | undefined
  readonly enableAutoPipelining?: boolean | undefined
  readonly role?: string | undefined
  readonly replyMapping?: string | undefined
  /** Which nodes of a cluster answer reads. */
  readonly scaleReads?: unknown
  /** A cluster's client has those of its nodes here. */
  readonly redisOptions?: object | undefined
}

/** The part of `Redis` and `Cluster` of ioredis that the store uses. It is never closed or configured. */
export interface RedisClient extends RedisNode {
  /** True for a cluster's client. */
  readonly isCluster?: boolean
  /** The clients of the nodes of a cluster. */
  nodes?(role: 'master'): RedisNode[]
  on?(event: 'error', listener: (error: Error) => void): unknown
  on?(event: 'ready', listener: () => void): unknown
}

/** A second client of the caller, which does nothing but listen. */
export interface RedisSubscriber {
  /** True for a cluster's client, which cannot be one. */
  readonly isCluster?: boolean
  readonly options?: RedisSettings
  readonly stream?: RedisNode['stream']
  subscribe(channel: string): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  on(event: 'ready', listener: () => void): unknown
  off(event: 'message', listener: (channel: string, message: string) => void): unknown
  off(event: 'ready', listener: () => void): unknown
}
