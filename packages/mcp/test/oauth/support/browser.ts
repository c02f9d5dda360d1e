// As much of a browser as a sign-in takes: cookies, redirects, and the forms of the authorization server of the tests.

/** Goes where a user would, as alice, until the browser is sent to the callback; gives that URL. */
export async function signInByBrowser(start: string, callback: string): Promise<string> {
  const cookies = new Map<string, string>()
  let next: { readonly url: string; readonly form?: URLSearchParams } = { url: start }
  for (let step = 0; step < 20; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie },
      ...(next.form === undefined ? {} : { method: 'POST', body: next.form }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) next = answered(next.url, await response.text())
    else next = { url: new URL(location, next.url).href }
    if (next.url.startsWith(callback)) return next.url
  }
  throw new Error('The browser was sent round and round.')
}

/** The form of a page, filled in. */
function answered(url: string, page: string): { readonly url: string; readonly form: URLSearchParams } {
  const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? []
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? []
  if (prompt === undefined || action === undefined)
    throw new Error(`There is no form at ${url}: ${page.slice(0, 2_000)}`)
  return { url: new URL(action, url).href, form: new URLSearchParams({ prompt, login: 'alice', password: 'any' }) }
}
