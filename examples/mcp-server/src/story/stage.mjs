// What every chapter works with, and how a chapter insists that things went as told.

/**
 * @typedef {object} Stage
 * @property {import('../narrator.mjs').Narrator} narrator
 * @property {typeof expect} expect
 * @property {import('./prepare.mjs').Tokens} tokens
 * @property {import('./prepare.mjs').Logins} logins
 * @property {string} databasePath
 * @property {string} keyPath
 */

/**
 * @typedef {object} Cast
 * @property {McpUser} alice
 * @property {McpUser} bob
 * @property {import('../issues-api.mjs').IssuesApi} api
 * @property {string} url of the MCP server
 * @property {import('@mcpvault/core').Vault} vault
 * @property {Connect} connect over HTTP
 * @property {ConnectStdio} connectStdio
 */

/** @typedef {import('../mcp-user.mjs').McpUser} McpUser */

/** @typedef {(user: keyof import('./prepare.mjs').Logins, options?: { openLink?: import('../mcp-user.mjs').OpenLink }) => Promise<McpUser>} Connect */

/** @typedef {(user: string, options: { program: 'run.mjs', args: readonly string[] }) => Promise<McpUser>} ConnectStdio */

/** Assertions whose message is the sentence that turned out false; values are never printed, they may be secrets. */
export const expect = {
  /**
   * @param {unknown} actual
   * @param {unknown} expected
   * @param {string} sentence
   */
  equal(actual, expected, sentence) {
    if (actual !== expected) throw new Error(`The demo expected that ${sentence}.`)
  },
}
