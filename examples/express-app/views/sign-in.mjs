// The page that asks for user and password.
import { html } from './html.mjs'
import { layout } from './layout.mjs'

/** @param {string} [problem] */
export function signInPage(problem) {
  return layout({
    title: 'Sign in',
    content: html`<form class="card" method="post" action="/sign-in">
        <h1>Sign in</h1>
        ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
        <label>User <input name="user" autocomplete="username" autocapitalize="off" required maxlength="64" autofocus></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <button class="primary">Sign in</button>
      </form>`,
  })
}
