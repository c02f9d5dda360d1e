// The groups that can be asked for by name, in the order in which they run.

/**
 * @typedef {object} Group
 * @property {string} title
 * @property {boolean} [usesPostgres]
 * @property {boolean} [everyNode] run under every Node at hand, since the driver differs between them
 * @property {boolean} [long] takes many minutes, and runs only when it is named, or with --long
 */

/** @type {Readonly<Record<string, Group>>} */
export const groups = Object.freeze({
  envelope: { title: 'Sealing and opening, against raw AES-256-GCM and other packages' },
  memory: { title: 'get on the store in memory, against opening alone' },
  http: { title: 'reveal over the HTTP handler, against a bare route of Hono with the same get' },
  sqlite: { title: 'get and set on SQLite, against the same by hand', everyNode: true },
  postgres: { title: 'get and set on Postgres, against the same by hand', usesPostgres: true },
  redis: { title: 'get on Redis, against GET on the same client' },
  bao: { title: 'The vault, against OpenBao on Postgres, on raft and in memory', usesPostgres: true },
  services: { title: 'The vault, against a service over HTTP and keys stretched for each record', usesPostgres: true },
  rewrap: { title: 'rewrap on Postgres, SQLite and Redis, against batches by hand', usesPostgres: true },
  rekey: { title: 'rekey on Postgres, SQLite and Redis, against batches by hand', usesPostgres: true },
  'rewrap-many': {
    title: 'rewrap of 100,000 data keys on Postgres, SQLite and Redis, against batches by hand',
    usesPostgres: true,
    long: true,
  },
  copy: { title: 'copyVault from SQLite to Postgres, against batches by hand', usesPostgres: true },
  backup: { title: 'backup and restore of a vault on SQLite, against encrypted pages by hand' },
  verify: { title: 'verifyAudit, against reading the rows and HMACs of the same bytes' },
  trips: { title: 'Queries in sequence of the first get and of close, on Postgres', usesPostgres: true },
  scale: { title: 'list and get among 100,000 secrets on SQLite, against 1,000' },
  million: {
    title: 'list, get and getAll among 1,000,000 secrets on Postgres, against 1,000',
    usesPostgres: true,
    long: true,
  },
  access: { title: 'Access decisions with many grants and rules' },
  redact: { title: 'Redacting 1 MiB of JSON with 1,000 live values, against JSON.parse' },
  import: { title: 'What importing core adds to a bare Node' },
  beside: {
    title: 'get and set of this checkout, against those of another one (`--other=FOLDER`)',
    usesPostgres: true,
    long: true,
  },
  prices: { title: 'What the small things cost that a call is made of' },
  calls: {
    title: 'Files and functions entered and promises made by one warm get and one set on Postgres',
    usesPostgres: true,
  },
})
