// The least table that could hold sealed values, in a file of its own: the floor of the SQLite store.
import { openSqlite } from './sqlite.mjs'

/** @param {string} path */
export function bareTable(path) {
  const database = openSqlite(path, 'FULL')
  database.exec(`
    CREATE TABLE bare (
      owner TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, envelope BLOB NOT NULL,
      PRIMARY KEY (owner, server, name)
    ) STRICT, WITHOUT ROWID`)
  const upsert = database.prepare(`
    INSERT INTO bare (owner, server, name, version, envelope) VALUES (?, ?, ?, 1, ?)
    ON CONFLICT DO UPDATE SET version = version + 1, envelope = excluded.envelope`)
  const select = database.prepare('SELECT version, envelope FROM bare WHERE owner = ? AND server = ? AND name = ?')
  return {
    /** @param {string} name @param {Uint8Array} envelope */
    put: (name, envelope) => upsert.run('alice', 'github', name, envelope),
    /** @param {string} name */
    get: (name) => select.get('alice', 'github', name),
    close: () => database.close(),
  }
}
