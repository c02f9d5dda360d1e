// Where the user is, kept in the fragment of the address: it never reaches a server. Names stand there, values never.
import { signal } from '@preact/signals'

/** Whose secret, for which server, and its name. */
export interface Ref {
  readonly owner: string
  readonly server: string
  readonly name: string
}

export type Route = { readonly page: 'secrets'; readonly open: Ref | undefined } | { readonly page: 'audit' }

export const route = signal<Route>(parse(location.hash))
addEventListener('hashchange', () => (route.value = parse(location.hash)))

export const secretsPath = '#/secrets'
export const auditPath = '#/audit'

export function pathOf({ owner, server, name }: Ref): string {
  return `${secretsPath}/${[owner, server, name].map(encodeURIComponent).join('/')}`
}

export function go(path: string): void {
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
