// Real MCP clients of both lines of the SDK, for the tests of servers, and what servers promise to all of them.
export { type AskingServer, askingSuite, clientKinds } from './asking-suite.ts'
export { type ClientKind, connectClient, type McpClient } from './clients.ts'
export type { Message } from './messages.ts'
