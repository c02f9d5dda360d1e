// Real MCP clients of both lines of the SDK, for the tests of servers.
export { type ClientKind, type ClientOptions, connectClient, type McpClient, type ToolAnswer } from './clients.ts'
export type { Message } from './messages.ts'
export type { Target } from './transports.ts'
