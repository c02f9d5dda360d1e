// The sessions of MCP clients: each is of one user, and has a server of its own that knows what its client can do.
import { randomUUID } from 'node:crypto'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

const maxSessions = 1_000

/** @param {() => import('@modelcontextprotocol/sdk/server/mcp.js').McpServer} createServer */
export function createSessions(createServer) {
  /** @type {Map<string, { user: string, transport: StreamableHTTPServerTransport }>} */
  const sessions = new Map()
  return {
    /**
     * The transport for a request; undefined when it names a session that is not of its user. One that names none gets a
     * new transport, which takes nothing but the beginning of a session.
     *
     * @param {{ id: string | undefined, user: string }} request
     */
    async of({ id, user }) {
      const found = id === undefined ? undefined : sessions.get(id)
      if (id !== undefined) return found?.user === user ? found.transport : undefined
      const [oldest] = sessions.values()
      if (sessions.size >= maxSessions) await oldest?.transport.close()
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (begun) => void sessions.set(begun, { user, transport }),
      })
      transport.onclose = () => void sessions.delete(transport.sessionId ?? '')
      await createServer().connect(transport)
      return transport
    },
  }
}
