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
 * @property {import('../mcp-user.mjs').McpUser} alice
 * @property {import('../mcp-user.mjs').McpUser} bob
 * @property {import('../issues-api.mjs').IssuesApi} api
 * @property {string} url of the MCP server
 * @property {import('@mcpvault/core').Vault} vault
 */

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
