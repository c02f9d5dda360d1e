// The gate before every route: encrypted or local, for this host, and not sent by another site's page.
import { httpError } from '../http-error.ts'
import type { HandlerConfig } from '../options.ts'
import type { Arrival } from './arrival.ts'

type Rules = Pick<HandlerConfig, 'allowInsecure' | 'origins'>

/** Throws unless the request may be answered at all. `isPage`: a link of another site may lead to it. */
export function checkGate(
  request: Request,
  { arrival, rules, isPage }: { readonly arrival: Arrival; readonly rules: Rules; readonly isPage: () => boolean },
): void {
  if (!arrival.isEncrypted && !arrival.isLoopback && !rules.allowInsecure) throw insecure()
  checkHost(arrival, rules)
  checkOrigin(request, arrival, rules)
  const site = request.headers.get('sec-fetch-site')
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (site === null || site === 'same-origin') return
  // 'none' is what the user typed or bookmarked.
  if (isRead && (site === 'none' || isPage())) return
  throw crossSite()
}

/** Throws when a browser sent the request for another reason than a script of the app's own pages. */
export function checkOwnScript(request: Request): void {
  const { headers } = request
  const site = headers.get('sec-fetch-site')
  const mode = headers.get('sec-fetch-mode')
  const isOwn =
    (site === null || site === 'same-origin') && (mode === null || mode === 'cors' || mode === 'same-origin')
  if (!isOwn) throw crossSite()
}

function checkHost({ host, isLoopback }: Arrival, { origins }: Rules): void {
  if (origins?.has(host)) return
  if (isLoopback ? isLoopbackHost(host) : origins === undefined) return
  // A page of another site whose name was made to lead here would otherwise count as of the same origin.
  throw httpError({
    status: 403,
    code: 'HTTP_WRONG_HOST',
    message: 'This host is not one of the origins of the vault.',
  })
}

function checkOrigin(request: Request, { host, isEncrypted }: Arrival, { origins }: Rules): void {
  const origin = request.headers.get('origin')
  if (origin === null) return
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  const known = origins?.get(host)
  const isOwn =
    known === undefined ? url?.host === host && !(isEncrypted && url.protocol !== 'https:') : known === origin
  if (!isOwn) throw crossSite()
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(host)
}

function insecure(): Error {
  const message = 'The vault is served over HTTPS only. Behind a proxy that ends TLS, set trustProxy.'
  return httpError({ status: 403, code: 'HTTP_INSECURE', message })
}

function crossSite(): Error {
  return httpError({ status: 403, code: 'HTTP_CROSS_SITE', message: 'The request comes from another site.' })
}
