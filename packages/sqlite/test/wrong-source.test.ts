// What is no path and no database is refused at once, by name.
import { expect, test } from 'vitest'
import { type SqliteSource, sqliteStore } from '../src/index.ts'

test.each([
  ['a path without its name', 'vault.db', 'source', /source must be an object, as sqliteStore\(\{ path/],
  ['nothing', undefined, 'source', /source must be an object/],
  ['null', null, 'source', /source must be an object/],
  ['an empty object', {}, 'path', /path must be the path of a file/],
  ['an empty path', { path: '' }, 'path', /path must be the path of a file/],
  ['a URL', { path: new URL('file:///vault.db') }, 'path', /path must be the path of a file/],
  ['no database', { database: undefined }, 'database', /must be a database of better-sqlite3.*: nothing was given/],
  ['a path as database', { database: 'vault.db' }, 'database', /a text was given/],
  [
    'a database of sqlite3',
    {
      database: {
        prepare: () => undefined,
        exec: () => undefined,
        parallelize: () => undefined,
        serialize: () => undefined,
      },
    },
    'database',
    /a database of sqlite3 was given/,
  ],
])('%s is refused', (_what, given, field, message) => {
  // As JavaScript gives it, without the types.
  expect(() => sqliteStore(given as SqliteSource)).toThrow(
    expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field, message: expect.stringMatching(message) }),
  )
})
