// One server for each line of the SDK, with the same tools.
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer as McpServer2 } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { toolHandlers } from './tools.ts'

type Handlers = ReturnType<typeof toolHandlers>
const info = { name: 'test', version: '1.0.0' }
const capabilities = { capabilities: { logging: {}, tools: {} } }

export function serverOf1x({ whoami, leak, fail, notify, missing }: Handlers): McpServer1 {
  const server = new McpServer1(info, capabilities)
  const inputSchema = { note: z.string().optional() }
  server.registerTool('whoami', { inputSchema }, whoami)
  server.registerTool('leak', { inputSchema }, leak)
  server.registerTool('fail', { inputSchema }, fail)
  server.registerTool('notify', { inputSchema }, notify)
  server.registerTool('missing', {}, missing)
  return server
}

export function serverOf2x({ whoami, leak, fail, notify, missing }: Handlers): McpServer2 {
  const server = new McpServer2(info, capabilities)
  const inputSchema = z.object({ note: z.string().optional() })
  server.registerTool('whoami', { inputSchema }, whoami)
  server.registerTool('leak', { inputSchema }, leak)
  server.registerTool('fail', { inputSchema }, fail)
  server.registerTool('notify', { inputSchema }, notify)
  server.registerTool('missing', {}, missing)
  return server
}
