// One request of a browser: the files of the page for anybody, a link for the user that it was made for.
import { isVaultError, type Principal } from '@mcpvault/core'
import { callSafely } from '@mcpvault/core/adapter'
import { isPrincipal } from '../../tools/principal.ts'
import { type Link, openLink } from '../link.ts'
import type { ElicitParts } from '../parts.ts'
import { csrfToken, isSameText } from '../sealed.ts'
import { formsOf } from './fields.ts'
import { isForeign, readForm } from './form-body.ts'
import { secured } from './headers.ts'
import { formPage, type Notice, notice } from './pages.ts'
import { script } from './script.ts'
import { style } from './style.ts'
import { submit } from './submit.ts'

const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
  'elicit.css': ['text/css; charset=utf-8', style],
  'elicit.js': ['text/javascript; charset=utf-8', script],
}

export async function handlePage(parts: ElicitParts, request: Request): Promise<Response> {
  try {
    return secured(await answer(parts, request))
  } catch (error) {
    // What the host makes of an error must not take the answer from the browser.
    callSafely(() => parts.config.onError?.(error))
    const isBusy = isVaultError(error) && error.retryable
    return secured(isBusy ? refusal('busy', { 'retry-after': '5' }) : refusal('failed'))
  }
}

async function answer(parts: ElicitParts, request: Request): Promise<Response> {
  // Whatever a proxy or a router has made of the path before: the link is its end.
  const segment = new URL(request.url).pathname.split('/').at(-1) ?? ''
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const file = Object.hasOwn(files, segment) ? files[segment] : undefined
  if (!isRead && (file !== undefined || request.method !== 'POST')) {
    return refusal('wrongMethod', { allow: file === undefined ? 'GET, HEAD, POST' : 'GET, HEAD' })
  }
  if (file !== undefined) return new Response(file[1], { headers: { 'content-type': file[0] } })
  if (!/^[\w-]{64,}$/.test(segment)) return refusal('unknown')
  // Before anything is read from the vault: nobody makes events in the trail without a sign-in.
  const principal = await parts.config.principalOfBrowser(request)
  if (!isPrincipal(principal)) return notSignedIn(parts, segment)
  const link = await parts.state.withKey((key) => openLink(key, segment))
  if (link === undefined) return refusal('unknown')
  if (link.principal !== principal.id) return refusal('otherUser')
  return answerForLink(parts, { request, link, principal, isRead })
}

interface LinkRequest {
  readonly request: Request
  readonly link: Link
  /** The link's own. */
  readonly principal: Principal
  readonly isRead: boolean
}

async function answerForLink(parts: ElicitParts, { request, link, principal, isRead }: LinkRequest): Promise<Response> {
  const { config, state } = parts
  if (config.clock.now().getTime() >= link.expiresAtMs) return refusal('expired')
  if ((await state.stateOf(link.id)) !== 'unused') return refusal('used')
  const csrf = await state.withKey((key) => csrfToken(key, link))
  const forms = formsOf(config, link)
  const show = { principal: principal.id, csrf, forms }
  if (isRead) return html(formPage(show))
  if (isForeign(request, new URL(config.baseUrl).origin)) return refusal('foreign')
  const form = await readForm(request)
  if (form === 'wrong type') return refusal('wrongType')
  if (form === 'too large') return refusal('tooLarge')
  if (!isSameText(form.get('csrf') ?? '', csrf)) return refusal('foreign')
  const outcome = await submit(parts, { link, principal, forms, form, request })
  if (outcome.kind === 'refused') return html(formPage({ ...show, ...outcome }), 422)
  return refusal(outcome.kind)
}

function notSignedIn({ config: { signInUrl, baseUrl } }: ElicitParts, segment: string): Response {
  if (signInUrl === undefined) return refusal('notSignedIn')
  return new Response(null, { status: 303, headers: { location: signInUrl(`${baseUrl}/${segment}`) } })
}

function refusal(kind: Notice, headers: Readonly<Record<string, string>> = {}): Response {
  const { status, text } = notice(kind)
  return html(text, status, headers)
}

function html(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, { status, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } })
}
