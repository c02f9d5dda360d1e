// The pages as HTML: the form with its fields, and what is said instead of it.
import type { FormField, SecretForm } from './fields.ts'

/** What is said when there is no form. */
export type Notice = keyof typeof notices

const notices = {
  stored: [200, 'Stored', 'The vault has it now. You can close this page and go back to your assistant.'],
  notSignedIn: [
    401,
    'You are not signed in',
    'Sign in to the app that this page belongs to, then open the link again.',
  ],
  otherUser: [403, 'This link is not for you', 'Sign in as the user who asked for it, then open the link again.'],
  foreign: [403, 'Not sent from this page', 'Open the link again, and send the form from there.'],
  unknown: [404, 'There is no such link', 'Look whether it was copied as a whole.'],
  wrongMethod: [405, 'This cannot be done here', 'Open the link in a browser.'],
  used: [410, 'This link was used', 'Each link works once. If the tool still needs something, it gives you a new one.'],
  expired: [410, 'This link has expired', 'Call the tool again: it gives you a new one.'],
  tooLarge: [413, 'This is too large', 'A value is at most 64 KiB.'],
  wrongType: [415, 'This is not the form', 'Open the link in a browser.'],
  failed: [
    500,
    'This did not work',
    'Nothing is known to be stored. Open the link again, or tell who runs this server.',
  ],
  busy: [503, 'The vault does not answer', 'Try again in a moment.'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string, text: string]>>

export function notice(kind: Notice): { readonly status: number; readonly text: string } {
  const [status, title, text] = notices[kind]
  const mark = kind === 'stored' ? 'ok' : 'danger'
  return { status, text: page(title, `<h1>${title}</h1><p class="banner ${mark}" role="status">${text}</p>`) }
}

interface Shown {
  readonly principal: string
  readonly csrf: string
  readonly forms: readonly SecretForm[]
  readonly problems?: ReadonlyMap<string, string>
  readonly typed?: ReadonlyMap<string, string>
  readonly code?: string
}

/** Secret fields are empty, also when the form comes back with problems. */
export function formPage(shown: Shown): string {
  const { forms, csrf, principal, problems = new Map<string, string>(), code } = shown
  const title = forms.length === 1 ? 'A tool needs a secret' : 'A tool needs secrets'
  const isRefused = problems.size > 0 || code !== undefined
  const first = forms.flatMap(({ fields }) => fields).find(({ input }) => !isRefused || problems.has(input))
  const banner =
    code === undefined
      ? 'Nothing is stored yet. Look at what is marked; secrets must be typed in again.'
      : `The vault did not take this (${code}). Secrets must be typed in again.`
  return page(
    title,
    `<h1>${title}</h1>
<p class="hint">Stored encrypted, for you alone. No model and no chat gets to see it. You are signed in as ${text(principal)}.</p>
${isRefused ? `<p class="banner danger" role="alert">${banner}</p>` : ''}
<form method="post" class="form" autocomplete="off">
<input type="hidden" name="csrf" value="${escaped(csrf)}">
${forms.map((each) => fieldset(each, { ...shown, focused: first?.input })).join('\n')}
<button class="button primary" type="submit">Store</button>
</form>`,
  )
}

interface Focused extends Shown {
  readonly focused: string | undefined
}

function fieldset({ server, name, preset, fields }: SecretForm, shown: Focused): string {
  const kind = preset.id === 'custom' ? '' : `${escaped(preset.title)}. `
  const docs = isWebAddress(preset.docsUrl)
    ? `<a href="${escaped(preset.docsUrl)}" target="_blank" rel="noopener noreferrer">About it</a>`
    : ''
  return `<fieldset><legend>${text(name)} for ${text(server)}</legend>
<p class="hint">${kind}${docs}</p>
${fields.map((each) => fieldOf(each, shown)).join('\n')}
</fieldset>`
}

function fieldOf(field: FormField, { problems, typed, focused }: Focused): string {
  const id = `field-${escaped(field.input)}`
  const problem = problems?.get(field.input)
  const attributes = [
    `id="${id}" name="${escaped(field.input)}" placeholder="${escaped(field.placeholder)}"`,
    `aria-describedby="${problem === undefined ? '' : `${id}-error `}${id}-hint" required`,
    'autocomplete="off" autocapitalize="off" spellcheck="false"',
    ...(problem === undefined ? [] : ['aria-invalid="true"']),
    ...(field.input === focused ? ['autofocus'] : []),
    ...(field.isSecret ? [`data-label="${escaped(field.label)}"`] : []),
  ].join(' ')
  return `<div class="field${problem === undefined ? '' : ' wrong'}">
<label for="${id}">${text(field.label)}</label>
<div class="secret-input">${controlOf(field, { attributes, value: typed?.get(field.input) ?? '' })}</div>
${problem === undefined ? '' : `<p class="error" id="${id}-error">${escaped(`${field.label} ${problem}`)}</p>`}
<p class="hint" id="${id}-hint">${escaped(field.hint)}</p>
</div>`
}

function controlOf(
  { isSecret, lines }: FormField,
  { attributes, value }: { readonly attributes: string; readonly value: string },
): string {
  if (lines === 'several')
    return `<textarea class="code${isSecret ? ' masked' : ''}" rows="4" ${attributes}></textarea>`
  const shown = isSecret ? 'type="password"' : `type="text" value="${escaped(value)}"`
  return `<input class="code" ${shown} ${attributes}>`
}

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${title} - MCPVault</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="elicit.css">
<script src="elicit.js" defer></script>
<body>
<main>
${main}
</main>
</body>
</html>
`
}

function isWebAddress(url: string | undefined): url is string {
  return url?.startsWith('https://') === true
}

/** What others wrote, kept apart from the text around it, with marks made visible that hide or turn text. */
function text(given: string): string {
  const visible = given.replace(
    /[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u00ad]/g,
    (mark) => `⟨U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
  return `<bdi>${escaped(visible)}</bdi>`
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(given: string): string {
  return given.replace(/[&<>"']/g, (character) => escapes[character] ?? '')
}
