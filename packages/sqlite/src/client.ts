// The driver: which one this process has, how a file is opened with it, and one shape for statements of all of them.
import { VaultError } from '@mcpvault/core'

/** What SQLite binds and returns. */
export type SqliteValue = string | number | Uint8Array | null

/** A prepared statement as better-sqlite3, libsql and `node:sqlite` have it. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint }
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
  /** Rows as arrays, where the driver can. */
  raw?(): unknown
  setReturnArrays?(enabled: boolean): void
  /** Integers as `bigint`, which a connection may have as its default; the store turns it off for its own statements. */
  safeIntegers?(enabled: boolean): unknown
  setReadBigInts?(enabled: boolean): void
}

/** A database of the shape of better-sqlite3, which libsql and `node:sqlite` share. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
}

/** `node:sqlite` is built into newer Nodes; `libsql` is a package to install where Node lacks it. */
export type SqliteDriver = 'node:sqlite' | 'libsql'

/** The text of a statement, with the type of the rows that it returns. */
export interface Query<Row extends readonly unknown[]> {
  readonly sql: string
  /** Never set; it carries the type. */
  readonly row?: Row
}

/** Runs statements, each prepared once. */
export interface Client {
  get<Row extends readonly unknown[]>(query: Query<Row>, ...values: SqliteValue[]): Row | undefined
  all<Row extends readonly unknown[]>(query: Query<Row>, ...values: SqliteValue[]): Row[]
  /** Returns how many rows changed. */
  run(sql: string, ...values: SqliteValue[]): number
  exec(sql: string): void
  /** Lets go of every statement. */
  forget(): void
}

interface ReadStatement {
  readonly statement: SqliteStatement
  readonly isArrays: boolean
}

/** Lists have many shapes; beyond this many statements the cache starts again. */
const cachedStatements = 256

export function sqliteClient(database: SqliteDatabase): Client {
  const reads = new Map<string, ReadStatement>()
  const writes = new Map<string, SqliteStatement>()

  function prepare(sql: string): SqliteStatement {
    const statement = database.prepare(sql)
    if (statement.safeIntegers !== undefined) statement.safeIntegers(false)
    else statement.setReadBigInts?.(false)
    return statement
  }

  function read(sql: string): ReadStatement {
    const known = reads.get(sql)
    if (known !== undefined) return known
    const statement = prepare(sql)
    const entry = { statement, isArrays: returnArrays(statement) }
    if (reads.size >= cachedStatements) reads.clear()
    reads.set(sql, entry)
    return entry
  }

  return {
    get(query, ...values) {
      const { statement, isArrays } = read(query.sql)
      const row = statement.get(...values)
      return row === undefined || row === null ? undefined : typedRow(isArrays ? row : Object.values(row))
    },
    all(query, ...values) {
      const { statement, isArrays } = read(query.sql)
      const rows = statement.all(...values)
      return rows.map((row) => typedRow(isArrays ? row : Object.values(row ?? {})))
    },
    run(sql, ...values) {
      let statement = writes.get(sql)
      if (statement === undefined) {
        statement = prepare(sql)
        writes.set(sql, statement)
      }
      return Number(statement.run(...values).changes)
    },
    exec(sql) {
      database.exec(sql)
    },
    forget() {
      reads.clear()
      writes.clear()
    },
  }
}

/** Arrays cost a fourth less than objects with the same columns. */
function returnArrays(statement: SqliteStatement): boolean {
  if (statement.raw !== undefined) statement.raw()
  else if (statement.setReturnArrays !== undefined) statement.setReturnArrays(true)
  else return false
  return true
}

function typedRow<Row extends readonly unknown[]>(row: unknown): Row {
  // The driver's border: STRICT tables and the statement's own columns are what make a row of this type.
  return row as Row
}

/** A database that this package opened and closes. */
export interface OwnDatabase extends SqliteDatabase {
  close(): void
}

/** Opens a file with the driver asked for, else with the best that this process has. */
export function openDatabase(path: string, driver: SqliteDriver | undefined): OwnDatabase {
  const open = driver === 'libsql' ? undefined : builtInDriver()
  if (open !== undefined) return open(path)
  if (driver === 'node:sqlite') {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      detail: 'must be libsql: this Node has no node:sqlite.',
      field: 'driver',
    })
  }
  return libsqlDriver()(path)
}

type Open = (path: string) => OwnDatabase

function builtInDriver(): Open | undefined {
  const builtIn: object | undefined = process.getBuiltinModule?.('node:sqlite')
  if (builtIn === undefined || !('DatabaseSync' in builtIn)) return undefined
  return constructorOf(builtIn.DatabaseSync)
}

/** Loaded here and not above, since a process that never needs it should not pay for a native module. */
function libsqlDriver(): Open {
  try {
    // A bundler that sees a require takes the native module in, or warns of it. In CommonJS there is no import.meta.url;
    // it is asked for first, since webpack answers `typeof __filename` also where it leaves none.
    const here: string = import.meta.url ?? __filename
    return constructorOf(process.getBuiltinModule('node:module').createRequire(here)('libsql'))
  } catch (cause) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      detail:
        'cannot be loaded: this Node has no node:sqlite, so install libsql (npm install libsql), or use Node 22.13 or newer.',
      field: 'driver',
      cause,
    })
  }
}

function constructorOf(exported: unknown): Open {
  // The driver's border: both export a class that takes a path and makes a database of better-sqlite3's shape.
  const Database = exported as new (path: string) => OwnDatabase
  return (path) => new Database(path)
}
