// Serves the settings page: its HTML for who is signed in, its files for anybody.
import type { PageFiles } from './assets.ts'

/** Whether a path below the base is the page's: the HTML, or one of its files. */
export function isPagePath(path: string): boolean {
  return path === '' || path === '/' || path.startsWith('/assets/')
}

interface PageRequest {
  /** Below the base path. */
  readonly path: string
  readonly basePath: string
  readonly files: PageFiles
  readonly signInUrl: string | undefined
  /** Whether somebody is signed in; asked for the HTML alone. */
  readonly isSignedIn: () => Promise<boolean>
}

/** The answer to a GET of the page; undefined for a file that is not there. */
export async function servePage({
  path,
  basePath,
  files,
  signInUrl,
  isSignedIn,
}: PageRequest): Promise<Response | undefined> {
  // The page knows where it is by relative URLs alone, and these need the slash.
  if (path === '') return redirect(`${basePath}/`)
  if (path !== '/') return fileAnswer(files, path.slice(1))
  if (await isSignedIn()) return htmlAnswer(files)
  return signInUrl === undefined ? notSignedIn() : redirect(signInUrl)
}

function htmlAnswer(files: PageFiles): Response | undefined {
  const html = files.get('index.html')
  return html && new Response(html.bytes, { headers: { 'content-type': html.type, 'cache-control': 'no-store' } })
}

/** Its name has a hash of its content, so it may be kept as long as a browser likes. */
function fileAnswer(files: PageFiles, name: string): Response | undefined {
  const file = files.get(name)
  const headers = { 'content-type': file?.type ?? '', 'cache-control': 'public, max-age=31536000, immutable' }
  return file && new Response(file.bytes, { headers })
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } })
}

function notSignedIn(): Response {
  const html =
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    '<title>MCPVault</title><h1>You are not signed in</h1>' +
    '<p>Sign in to the app that this page belongs to, then open the page again.</p></html>'
  return new Response(html, { status: 401, headers: { 'content-type': 'text/html; charset=utf-8' } })
}
