// Where the user is, kept in the fragment of the address: it never reaches a server. Names stand there, values never.
import { signal } from '@preact/signals'

/** A secret. It is always addressed with its owner: in another tab, somebody else may have signed in since. */
export interface Ref {
  readonly owner: string
  readonly server: string
  readonly name: string
}

export type Route = { readonly page: 'secrets'; readonly open: Ref | undefined } | { readonly page: 'audit' }

/** Where something was typed that would be lost elsewhere: each asks the user. */
export const holds = new Set<() => void>()

let shown = location.hash
export const route = signal<Route>(parse(shown))
addEventListener('hashchange', () => {
  if (holds.size > 0) {
    history.pushState(null, '', shown || '#')
    for (const ask of holds) ask()
    return
  }
  shown = location.hash
  route.value = parse(shown)
})

export const secretsPath = '#/secrets'
export const auditPath = '#/audit'

export function pathOf({ owner, server, name }: Ref): string {
  return `${secretsPath}/${[owner, server, name].map(encodeURIComponent).join('/')}`
}

/** What leads elsewhere by itself has asked before. */
export function go(path: string): void {
  holds.clear()
  location.hash = path
}

export function sameRef(a: Ref, b: Ref): boolean {
  return a.owner === b.owner && a.server === b.server && a.name === b.name
}

function parse(hash: string): Route {
  if (hash === auditPath) return { page: 'audit' }
  try {
    const [owner, server, name, ...rest] = hash
      .slice(secretsPath.length + 1)
      .split('/')
      .map(decodeURIComponent)
    const isRef = hash.startsWith(`${secretsPath}/`) && owner && server && name && rest.length === 0
    return { page: 'secrets', open: isRef ? { owner, server, name } : undefined }
  } catch {
    // Not an address that this page writes.
    return { page: 'secrets', open: undefined }
  }
}
