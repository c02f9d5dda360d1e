// Shows a new token for an MCP client, this one time.
import { html } from './html.mjs'
import { layout } from './layout.mjs'

/** @param {{ user: string, token: string, url: string }} page */
export function tokenPage({ user, token, url }) {
  return layout({
    title: 'MCP client',
    user,
    content: html`<h1>Connect an MCP client</h1>
      <div class="card">
        <p>Address, for streamable HTTP: <code>${url}</code></p>
        <p>Header: <code class="token">Authorization: Bearer ${token}</code></p>
        <p>It is valid for 30 days, and shown this one time. Who has it can use your secrets through the tools of the app.</p>
      </div>`,
  })
}
