// Addresses as they stand in the environment of other tools.
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

  it.each(['', 'mysql://localhost/app', 'localhost:5432', 'postgres+://x', 'postgres://'])(
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

  it('keeps the certificates that it names', () => {
    const { connectionString, ssl } = postgresUrl('postgres://app@db.example.com/app?sslrootcert=ca.pem')
    expect(ssl).toBeUndefined()
    expect(connectionString).toContain('sslmode=verify-full')
  })
})
