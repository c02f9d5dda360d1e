// The issues of the user, by the token that they were read with.
import { html } from './html.mjs'
import { layout } from './layout.mjs'

/**
 * @typedef {object} Column
 * @property {string} owner of the token
 * @property {readonly import('../src/issues.mjs').Issue[] | undefined} issues undefined when they could not be read
 */

/** @param {{ user: string, columns: readonly Column[] }} board */
export function boardPage({ user, columns }) {
  const content = html`<h1>Issues</h1>
      ${columns.length === 0 ? connect : html`<div class="columns">${columns.map((column) => section(user, column))}</div>`}
      <form class="mcp" method="post" action="/mcp-token">
        <p>An MCP client can read them for you too.</p>
        <button>Make a token for an MCP client</button>
      </form>`
  return layout({ title: 'Issues', user, content })
}

const connect = html`<div class="card">
        <h2>Connect your account</h2>
        <p>The board reads your issues with your own GitHub token. Put it into your vault: choose <b>GitHub classic token</b>,
          the name <code>github_token</code> and the server <code>github</code>.</p>
        <p><a class="primary" href="/vault/">Open the vault</a></p>
      </div>`

/**
 * @param {string} user
 * @param {Column} column
 */
function section(user, { owner, issues }) {
  return html`<section class="card">
        <h2>${owner === user ? 'Yours' : html`Shared by ${owner}`}</h2>
        ${
          issues === undefined
            ? html`<p class="problem">They could not be read. Is the token in the vault still valid?</p>`
            : html`<ol>${issues.map(({ number, title }) => html`<li><span>#${number}</span> ${title}</li>`)}</ol>`
        }
      </section>`
}
