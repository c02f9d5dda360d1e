// Refuses what a caller gave to a store instead of the client that the store works with, by the name of what it is.
import { VaultError } from '../errors/index.ts'

/** The client that a store works with. */
export interface WantedClient {
  /** The option that holds it. */
  readonly field: string
  /** What the option must be, and how it is made; it goes on from `must be`. */
  readonly wanted: string
  /** The functions that it must have. */
  readonly functions: readonly string[]
}

interface Kind {
  readonly name: string
  /** Properties that a client of this kind has, and no client that a store works with. */
  readonly marks: readonly string[]
  /** What to give instead, where the client itself has it. */
  readonly remedy?: string
}

const kinds: readonly Kind[] = [
  { name: 'a Client of pg, which is one connection,', marks: ['connectionParameters'] },
  { name: 'a client of Prisma', marks: ['$connect', '$transaction'] },
  { name: 'a database of Drizzle', marks: ['$client'], remedy: 'Give its $client, if that is one.' },
  { name: 'a database of pg-promise', marks: ['$pool', '$config'], remedy: 'Give its $pool.' },
  { name: 'knex', marks: ['raw', 'migrate'] },
  { name: 'a database of Kysely', marks: ['selectFrom', 'insertInto'] },
  { name: 'a client of Sequelize', marks: ['authenticate', 'define'] },
  { name: 'a data source of TypeORM', marks: ['getRepository', 'createQueryBuilder'] },
  { name: 'a client of postgres.js', marks: ['unsafe', 'begin'] },
  { name: 'a pool of slonik', marks: ['oneFirst', 'anyFirst'] },
  { name: 'a client of node-redis', marks: ['isOpen', 'sendCommand'] },
  { name: 'a connection of mongoose', marks: ['models', 'getClient'], remedy: 'Give its getClient().' },
  { name: 'mongoose', marks: ['Schema', 'connection'], remedy: 'Give its connection.getClient().' },
  { name: 'a Db of mongodb', marks: ['databaseName', 'collection'], remedy: 'Give its client.' },
  { name: 'a database of sqlite3', marks: ['parallelize', 'serialize'] },
  { name: 'a client of @libsql/client', marks: ['executeMultiple'] },
]

/**
 * Throws `VAULT_CONFIG_INVALID` for what is no client of the wanted kind, and says what it is. Without this check a
 * wrong client fails at the first call, as a store whose server is away.
 *
 * @example
 * refuseOtherClient(pool, { field: 'pool', wanted: 'a Pool of pg, as of new Pool()', functions: ['connect'] })
 */
export function refuseOtherClient(client: unknown, { field, wanted, functions }: WantedClient): void {
  const other = kinds.find(({ marks }) => marks.every((mark) => propertyOf(client, mark) !== undefined))
  if (other === undefined && functions.every((name) => typeof propertyOf(client, name) === 'function')) return
  const { name, remedy = '' } = other ?? { name: plainNameOf(client) }
  const detail = `must be ${wanted}: ${name} was given. ${remedy}`.trimEnd()
  throw new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}

function propertyOf(holder: unknown, name: string): unknown {
  if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) return undefined
  try {
    return Reflect.get(holder, name)
  } catch {
    // A getter that throws, as before a connection is open, is no mark.
    return undefined
  }
}

function plainNameOf(client: unknown): string {
  if (client === undefined || client === null) return 'nothing'
  if (typeof propertyOf(client, 'then') === 'function') return 'a promise'
  if (typeof client === 'string') return 'a text'
  if (typeof client === 'function') return 'a function'
  return typeof client === 'object' ? 'another object' : 'a plain value'
}
