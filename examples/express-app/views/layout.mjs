// The frame of every page: header with the parts of the app, and the user who is signed in.
import { html, written } from './html.mjs'

/** @param {{ title: string, user?: string, content: import('./html.mjs').Html }} page */
export function layout({ title, user, content }) {
  return written(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Board</title>
    <link rel="icon" href="/static/icon.svg">
    <link rel="stylesheet" href="/static/style.css">
  </head>
  <body>
    <header>
      <a class="brand" href="/">Board</a>
      ${
        user === undefined
          ? undefined
          : html`<nav aria-label="Parts of the app"><a href="/">Issues</a> <a href="/vault/">Vault</a></nav>
      <form method="post" action="/sign-out"><span>${user}</span> <button>Sign out</button></form>`
      }
    </header>
    <main>${content}</main>
  </body>
</html>
`)
}

/** @param {string} message */
export function messagePage(message) {
  return layout({ title: 'Sorry', content: html`<h1>${message}</h1><p><a href="/">Back to the board</a></p>` })
}
