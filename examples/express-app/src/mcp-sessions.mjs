// The sessions of MCP clients: each is of one user, and has a server of its own that knows what its client can do.
import { randomUUID } from 'node:crypto'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'

// Of one user: who opens more ends the oldest own ones, and nobody else's.
const maxSessions = 20

/** @param {() => import('@modelcontextprotocol/sdk/server/mcp.js').McpServer} createServer */
export function createSessions(createServer) {
  /** @type {Map<string, { user: unknown, transport: StreamableHTTPServerTransport }>} */
  const sessions = new Map()
  return {
    /**
     * The transport of a request that the SDK has authenticated; undefined where it names no session of its user.
     *
     * @param {import('express').Request} req
     */
    async of(req) {
      const user = req.auth?.extra?.['userId']
      const found = sessions.get(req.get('mcp-session-id') ?? '')
      if (found !== undefined) return found.user === user ? found.transport : undefined
      if (!isInitializeRequest(req.body)) return undefined
      const own = [...sessions.values()].filter((session) => session.user === user)
      if (own.length >= maxSessions) await own[0]?.transport.close()
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, { user, transport }),
      })
      transport.onclose = () => void sessions.delete(transport.sessionId ?? '')
      await createServer().connect(transport)
      return transport
    },
    /** Ends all of them, so that no open stream keeps the app from stopping. */
    close: () => Promise.all([...sessions.values()].map(({ transport }) => transport.close())),
  }
}
