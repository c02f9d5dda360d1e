// Stands for a server from npm that nobody here can change: it knows no vault, and reads a token from its environment.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'

const { EXAMPLE_API_URL = '', ISSUES_TOKEN = '' } = process.env
const server = new McpServer({ name: 'env-issues', version: '1.0.0' })

server.registerTool('whoami', { description: 'Says whom the issues API takes the caller for.' }, async () => {
  const headers = { authorization: `Bearer ${ISSUES_TOKEN}` }
  const response = await fetch(new URL('/user', EXAMPLE_API_URL), { headers })
  return text(`${Object(await response.json()).user}`)
})

server.registerTool('variables', { description: 'Names the variables of its environment.' }, () =>
  text(Object.keys(process.env).sort().join(' ')),
)

await server.connect(new StdioServerTransport())

/** @param {string} value */
function text(value) {
  return { content: [{ type: /** @type {const} */ ('text'), text: value }] }
}
