// The preset of a database URL: PostgreSQL, MySQL, MongoDB or Redis, and what may be wrong with one.
import { type KnownPreset, textPreset } from './preset.ts'

const schemes = ['postgres', 'postgresql', 'mysql', 'mariadb', 'mongodb', 'mongodb+srv', 'redis', 'rediss'] as const
const maxUrlLength = 8_192
const maxHosts = 50

/** A scheme may name a driver too, as in `postgresql+asyncpg`. */
function isKnownScheme(scheme: string): boolean {
  const isSchemeOf = (each: string): boolean => each === scheme
  return (
    schemes.some(isSchemeOf) ||
    (/^[a-z]+\+[a-z0-9]+$/.test(scheme) && schemes.some((each) => scheme.startsWith(`${each}+`)))
  )
}

function findFault(text: string): string | undefined {
  if (text.length > maxUrlLength) return 'must be at most 8,192 characters long.'
  if (/\s/.test(text)) return 'must have no spaces or line breaks; in a password they are written %20.'
  if (/^(["'`]).*\1$/.test(text)) return 'must be without the quotes around it.'
  if (/^[A-Z][A-Z0-9_]*=/.test(text)) return 'must be the value alone, without its name and the equals sign.'
  if (text.startsWith('jdbc:')) return 'must be without "jdbc:" at its beginning.'
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/.exec(text)
  if (parts === null) return 'must be a URL such as postgres://user:password@host/database.'
  const [, scheme = '', authority = '', rest = ''] = parts
  if (!isKnownScheme(scheme.toLowerCase())) return `must begin with one of ${schemes.join(', ')} and "://".`
  return findInAuthority({ scheme: scheme.toLowerCase(), authority, rest }) ?? findPlaceholder(text)
}

interface Parts {
  readonly scheme: string
  readonly authority: string
  /** The path, the query and the fragment. */
  readonly rest: string
}

function findInAuthority({ scheme, authority, rest }: Parts): string | undefined {
  const at = authority.lastIndexOf('@')
  const login = at < 0 ? '' : authority.slice(0, at)
  if (login.includes('@')) return mustEscape
  if (!isDecodable(login)) return 'must have each "%" of the user and password written %25.'
  const hosts = authority.slice(at + 1).split(',')
  if (hosts.length > maxHosts) return 'must name at most 50 hosts.'
  // Without a host, PostgreSQL may be given a socket in the query.
  const hasSocket = authority.slice(at + 1) === '' && /[?&]host=[^&]/.test(rest)
  const fault = hasSocket ? undefined : hosts.map(findInHost).find((each) => each !== undefined)
  // A special character of the password ends the part before the path, and the host stands behind it.
  const [path = ''] = rest.split(/[?#]/, 1)
  const isCut = path.includes('@') || ((path === '' || fault !== undefined) && rest.includes('@'))
  if (at < 0 && isCut) return mustEscape
  if (fault === undefined && scheme === 'mongodb+srv' && /,|:\d+$/.test(authority.slice(at + 1)))
    return 'must name one host, without a port, after mongodb+srv://.'
  return fault
}

const mustEscape =
  'must have the special characters of the password percent-encoded: "@" as %40, ":" as %3A, "/" as %2F, "#" as %23, "?" as %3F.'

function findInHost(host: string): string | undefined {
  if (host === '') return 'must name a host.'
  // The folder of a socket.
  if (/^%2F/i.test(host)) return undefined
  const port = /:([^:\]]*)$/.exec(host)?.[1]
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    return 'must have a port from 1 to 65,535, or none.'
  return URL.canParse(`http://${host}`) ? undefined : 'must name a host that can be one.'
}

function findPlaceholder(text: string): string | undefined {
  const isSample = /\[your-password\]|<[^>]*>|\$\{|%3Cpassword%3E|:your[_-]?password@/i.test(text)
  return isSample ? 'must have the password itself, not what stands for it in a sample.' : undefined
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

export const databaseUrlPreset: KnownPreset = {
  preset: textPreset({
    id: 'database-url',
    title: 'Database URL',
    type: 'database_url',
    suggestedName: 'database_url',
    label: 'URL',
    hint: 'Of PostgreSQL, MySQL, MongoDB or Redis, with user and password.',
    placeholder: 'postgres://user:password@host/database',
    find: findFault,
  }),
  looksLike: (value) => isKnownScheme(/^([A-Za-z][A-Za-z0-9+]{0,40}):\/\//.exec(value)?.[1]?.toLowerCase() ?? ''),
}
