// A browser without a page: keeps the cookies of one user and follows no redirect.

export interface Visitor {
  /** As the header has them. */
  cookies(): string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Sends a form. */
  post(
    path: string,
    form?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
}

export function visitorOf(url: string, cookies: Map<string, string> = new Map()): Visitor {
  const cookieHeader = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (cookies.size > 0 && !headers.has('cookie')) headers.set('cookie', cookieHeader())
    const response = await fetch(new URL(path, url), { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }
  return {
    cookies: cookieHeader,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, form = {}, headers = {}) => send(path, { method: 'POST', headers, body: new URLSearchParams(form) }),
  }
}

/** Somebody who has signed in. */
export async function signedIn(url: string, user: string, password: string): Promise<Visitor> {
  const visitor = visitorOf(url)
  const response = await visitor.post('/sign-in', { user, password })
  if (response.status !== 303) throw new Error(`The sign-in was answered ${response.status}.`)
  return visitor
}
