// Addresses as they stand in the environment of other tools.
import pg from 'pg'
import { describe, expect, it, vi } from 'vitest'
import { postgresUrl } from '../src/index.ts'

describe('an address', () => {
  it.each([
    ['postgres://app@localhost:5432/app', 'postgres://app@localhost:5432/app'],
    ['postgresql://app@localhost/app', 'postgres://app@localhost/app'],
    ['postgresql+asyncpg://app@localhost/app', 'postgres://app@localhost/app'],
    [
      'postgres+psycopg2://app:p%40ss@127.0.0.1/app?application_name=x',
      'postgres://app:p%40ss@127.0.0.1/app?application_name=x',
    ],
    ['POSTGRESQL+pg8000://[::1]:5433/app', 'postgres://[::1]:5433/app'],
  ])('[A32] %s is understood', (text, connectionString) => {
    expect(postgresUrl(text)).toEqual({ connectionString, ssl: false })
  })

  it.each([
    '  postgres://app:x@localhost/app\n',
    '"postgres://app:x@localhost/app"',
    "'postgres://app:x@localhost/app'\r\n",
    '\ufeff" postgres://app:x@localhost/app "',
  ])('[A32] %j is understood without what env files leave around it', (text) => {
    expect(postgresUrl(text)).toEqual({ connectionString: 'postgres://app:x@localhost/app', ssl: false })
  })

  it.each(['', '"', 'mysql://localhost/app', 'localhost:5432', 'postgres+://x', 'postgres://'])(
    '[A32] %j is refused without being repeated',
    (text) => {
      expect(() => postgresUrl(text)).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID' }))
    },
  )

  it('[T2] of another machine is reached with TLS, and its certificate is checked', () => {
    for (const mode of ['', '?sslmode=prefer', '?sslmode=require', '?sslmode=verify-ca', '?sslmode=verify-full']) {
      const { ssl, connectionString } = postgresUrl(`postgres://app@db.example.com/app${mode}`)
      expect(ssl).toEqual({ rejectUnauthorized: true })
      expect(connectionString).not.toContain('sslmode')
    }
  })

  it.each([
    ['disable', false],
    ['no-verify', { rejectUnauthorized: false }],
  ] as const)('[T2] of another machine with sslmode=%s is honoured and warned about', (mode, ssl) => {
    const warn = vi.fn()
    expect(postgresUrl(`postgres://app@db.example.com/app?sslmode=${mode}`, { logger: { warn } }).ssl).toEqual(ssl)
    expect(warn).toHaveBeenCalledOnce()
  })

  /** What the driver makes of an address: where it connects to, how, and how often that was warned about. */
  function connectionOf(text: string) {
    const warn = vi.fn()
    const { host, ssl } = new pg.Client(postgresUrl(text, { logger: { warn } }))
    // The type says boolean; the driver keeps the object that it was given.
    const options: unknown = ssl
    return { host, ssl: options, warnings: warn.mock.calls.length }
  }
  const checked = { rejectUnauthorized: true }

  it.each([
    ['postgres:///app?host=db.example.com', 'db.example.com'],
    ['postgres://localhost/app?host=db.example.com', 'db.example.com'],
    ['postgres://localhost/app?host=%64b.example.com', 'db.example.com'],
    ['postgres://localhost/app?host=localhost&host=db.example.com', 'db.example.com'],
    ['postgres://app:x@127.0.0.1/app?host=10.0.0.5&port=6432', '10.0.0.5'],
    ['postgres://app:x@/app?host=db.example.com', 'db.example.com'],
    ['postgres://app:x@/app?host=db.example.com&sslmode=require', 'db.example.com'],
    ['postgres://%2Ftmp/app?host=db.example.com', 'db.example.com'],
    ['postgres://db.example.com/app?host=', 'db.example.com'],
    ['postgres://%64b.example.com/app', 'db.example.com'],
    ['postgres://localhost,db.example.com/app', 'localhost,db.example.com'],
  ])('[T2] %s is reached with TLS at the host that the driver takes', (text, host) => {
    expect(connectionOf(text)).toEqual({ host, ssl: checked, warnings: 0 })
  })

  it.each([
    ['postgres:///app?host=/var/run/postgresql', '/var/run/postgresql'],
    ['postgres://app:x@/app?host=/tmp', '/tmp'],
    ['postgres://app:x@%2Fvar%2Frun%2Fpostgresql/app', '/var/run/postgresql'],
    // A server offers no TLS on its sockets, whatever is asked for.
    ['postgres://app:x@db.example.com/app?host=%2Ftmp&sslmode=require', '/tmp'],
    ['postgres://app:x@db.example.com/app?host=/tmp&sslrootcert=ca.pem', '/tmp'],
    ['postgres://db.example.com/app?host=localhost', 'localhost'],
    ['postgres://LOCALHOST/app', 'LOCALHOST'],
  ])('[T2] %s is this machine, and needs no TLS', (text, host) => {
    expect(connectionOf(text)).toEqual({ host, ssl: false, warnings: 0 })
  })

  it.each([
    ['ssl=true', checked, 0],
    ['ssl=1', checked, 0],
    ['ssl=require', checked, 0],
    ['ssl=', checked, 0],
    ['ssl=verify-full', checked, 0],
    ['ssl=%7B%22rejectUnauthorized%22%3Afalse%7D', checked, 0],
    ['sslmode=', checked, 0],
    ['sslmode=prefer&uselibpqcompat=true', checked, 0],
    ['sslmode=require&uselibpqcompat=true', checked, 0],
    ['sslmode=disable&ssl=true', checked, 0],
    ['sslmode=require&sslmode=disable', checked, 0],
    ['sslmode=disable&uselibpqcompat=true', false, 1],
    ['sslmode=DISABLE', false, 1],
    ['ssl=false', false, 1],
    ['ssl=0', false, 1],
    ['ssl=off', false, 1],
    ['ssl=no', false, 1],
    ['ssl=disable', false, 1],
    ['ssl=no-verify', { rejectUnauthorized: false }, 1],
    ['sslrootcert=system&sslmode=verify-full', checked, 0],
  ] as const)('[T2] of another machine with %s goes without TLS only with a warning', (query, ssl, warnings) => {
    const text = `postgres://app:x@db.example.com/app?${query}`
    expect(connectionOf(text)).toEqual({ host: 'db.example.com', ssl, warnings })
  })

  it('[T2] warns on the console without a logger', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    postgresUrl('postgres://app:x@db.example.com/app?ssl=false')
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it.each([
    'app:12345#x@db.example.com/app',
    'app:1234?x@db.example.com/app',
    'app:1234/x@db.example.com/app',
    'app:1234?x=y@db.example.com/app',
    'app:pa#ss@db.example.com/app',
    'app:p%ss@db.example.com/app',
    'app:100%@db.example.com/app',
    'me@x:1234?a=b@db.example.com/app',
    'app:1234#@db.example.com/app',
    'h1:5432,h2:5432/app',
  ])('[T2] %s is refused rather than taken for another host', (rest) => {
    const message = expect.stringMatching(/DATABASE_URL must be one address.*percent-encoded/)
    expect(() => postgresUrl(`postgres://${rest}`)).toThrow(
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field: 'DATABASE_URL', message }),
    )
  })

  it.each(['postgres:///app', 'postgres:///app?host=', 'postgres://app@/app', 'postgres://app@/app?host='])(
    '%s is refused, since the environment would say where it leads to',
    (text) => {
      expect(() => postgresUrl(text)).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID' }))
    },
  )

  it.each([
    ['p%40ss', 'p@ss'],
    ['p@ss', 'p@ss'],
    ['p%23%3F%2F%25', 'p#?/%'],
    ['a b', 'a b'],
    ['p+s', 'p+s'],
    ['[x]', '[x]'],
  ])('the password in app:%s@ is %s', (written, password) => {
    const { host, password: read } = new pg.Client(postgresUrl(`postgres://app:${written}@db.example.com/app`))
    expect({ host, password: read }).toEqual({ host: 'db.example.com', password })
  })

  it('keeps the certificates that it names', () => {
    for (const more of ['', '&ssl=false', '&sslmode=disable', '&sslmode=no-verify&uselibpqcompat=true']) {
      const { connectionString, ssl } = postgresUrl(`postgres://app@db.example.com/app?sslrootcert=ca.pem${more}`)
      expect(ssl).toBeUndefined()
      expect(connectionString).toBe('postgres://app@db.example.com/app?sslrootcert=ca.pem&sslmode=verify-full')
    }
  })
})
