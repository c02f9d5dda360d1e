// The goals: what each piece of work is held to, beside what it is measured, and in which group.

/**
 * `max`: the ratio to what stands beside it, or the value itself, may be at most this. `min`: what stands beside it takes
 * at least this many times as long. A unit other than `x` says that the value itself is held to the limit.
 *
 * @typedef {{ readonly max?: number, readonly min?: number, readonly unit: string }} Limit
 * @typedef {Limit & { readonly group: string, readonly work: string, readonly beside: string }} Goal
 */

/** By group: name, work, what stands beside it, limit. @type {Record<string, [string, string, string, Limit][]>} */
const table = {
  envelope: [
    ['seal-32', 'seal 32 B', 'AES-256-GCM of node:crypto', max(2.4)],
    ['open-32', 'open 32 B', 'AES-256-GCM of node:crypto', max(2.4)],
    ['seal-1k', 'seal 1 KiB', 'AES-256-GCM of node:crypto', max(2.4)],
    ['open-1k', 'open 1 KiB', 'AES-256-GCM of node:crypto', max(2.4)],
  ],
  memory: [['memory-get', 'get, memory, audit off', 'opening alone', max(2.2)]],
  http: [['http-reveal', 'reveal over HTTP, CPU that the handler adds', '', max(350, 'us')]],
  sqlite: [
    ['sqlite-get-off', 'get, SQLite, audit off', 'floor', max(2)],
    ['sqlite-get-buffered', 'get, SQLite, audit buffered', 'floor', max(1.3)],
    ['sqlite-get-1', 'get, SQLite, audit required, 1 caller', 'floor', max(1.25)],
    ['sqlite-get-32', 'get, SQLite, audit required, 32 callers', 'grouped floor', max(1.25)],
    ['sqlite-set-1', 'set, SQLite, audit required, 1 caller', 'floor', max(1.6)],
    ['sqlite-set-32', 'set, SQLite, audit required, 32 callers', 'the same by 1 caller', min(2.5)],
  ],
  postgres: [
    ['postgres-get-32', 'get, Postgres, audit required, 32 callers', 'grouped floor', max(1.1)],
    ['postgres-get-1', 'get, Postgres, audit required, 1 caller', 'floor', max(1.25)],
    ['postgres-get-buffered', 'get, Postgres, audit buffered, 1 caller', 'floor', max(1.15)],
    ['postgres-set-32', 'set, Postgres, audit required, 32 callers', 'grouped floor', max(1.6)],
    ['postgres-set-1', 'set, Postgres, audit required, 1 caller', 'floor', max(1.5)],
  ],
  redis: [['redis-get', 'get, Redis, audit buffered, 1 caller', 'GET', max(1.3)]],
  bao: [
    ['bao-postgres-read', 'read, Postgres, 32 callers', 'OpenBao on the same Postgres, file audit', min(19)],
    ['bao-postgres-write', 'write, Postgres, 32 callers', 'OpenBao on the same Postgres, file audit', min(14)],
    ['bao-raft-read', 'read, Postgres, 32 callers', 'OpenBao on raft, file audit', min(2.4)],
    ['bao-raft-write', 'write, Postgres, 32 callers', 'OpenBao on raft, file audit', min(3)],
    ['bao-raft-alone', 'read, SQLite, audit required, 1 caller', 'OpenBao on raft, file audit', min(1.3)],
    ['bao-memory', 'read, SQLite, audit buffered, 1 caller', 'OpenBao in memory, no audit', min(5)],
  ],
  services: [['http-service', 'read, Postgres, audit required, 32 callers', 'HTTP service, no audit', min(1.5)]],
  rewrap: [
    ['rewrap-postgres', 'rewrap, Postgres', 'batches by hand', min(0.5)],
    ['rewrap-sqlite', 'rewrap, SQLite', 'batches by hand', min(0.5)],
    ['rewrap-redis', 'rewrap, Redis', 'batches by hand', min(0.5)],
  ],
  'rewrap-many': [
    ['rewrap-many-postgres', 'rewrap of 100,000, Postgres', 'batches by hand', min(0.15)],
    ['rewrap-many-sqlite', 'rewrap of 100,000, SQLite', 'batches by hand', min(0.15)],
    ['rewrap-many-redis', 'rewrap of 100,000, Redis', 'batches by hand', min(0.15)],
  ],
  rekey: [
    ['rekey-postgres', 'rekey, Postgres', 'batches by hand', min(0.1)],
    ['rekey-sqlite', 'rekey, SQLite', 'batches by hand', min(0.1)],
    ['rekey-redis', 'rekey, Redis', 'batches by hand', min(0.1)],
  ],
  copy: [['copy-vault', 'copyVault, SQLite to Postgres', 'batches by hand', min(0.4)]],
  backup: [
    ['backup', 'backup, SQLite', 'encrypted pages by hand', min(0.3)],
    ['restore', 'restore, SQLite', 'encrypted pages by hand', min(0.2)],
  ],
  verify: [
    ['verify-time', 'verifyAudit', 'reading the rows and their HMACs', max(1.3)],
    ['verify-held', 'verifyAudit, event loop held', '', max(50, 'ms')],
    ['verify-memory', 'verifyAudit, growth of memory after a fifth', '', max(30, 'MB')],
  ],
  trips: [
    ['first-get', 'first get of a process, Postgres, audit required', '', max(4, 'queries in sequence')],
    ['close-1', 'close, few streams', '', max(4, 'queries in sequence')],
    ['close-many', 'close, 1,000 streams', '', max(4, 'queries in sequence')],
    ['close-note', 'close, the checkpoint of 1,000 streams', '', max(32, 'KiB')],
  ],
  million: [
    ['million-list', 'list, any page of 1,000,000 secrets', 'the first page of 1,000', max(1.2)],
    ['million-get', 'get among 1,000,000 secrets', 'among 1,000', max(1.2)],
    ['million-get-all', 'getAll of 20 among 1,000,000 secrets', 'among 1,000', max(1.2)],
    ['million-queries', 'list, get or getAll, warm', '', max(1, 'queries')],
  ],
  scale: [
    ['scale-list', 'list, SQLite, any page of 100,000 secrets', 'the first page of 1,000', max(1.2)],
    ['scale-get', 'get, SQLite, the same secrets among 100,000', 'among 1,000', max(1.2)],
    ['scale-memory', 'memory of a process that reads 10,000 of 100,000 secrets', '', max(150, 'MB')],
  ],
  access: [['access', 'access decision, 10,000 grants and 100 role rules', '', max(10, 'us')]],
  redact: [
    ['redact-clean', 'redact 1 MiB of JSON, 1,000 live values', 'JSON.parse', max(5)],
    ['redact-hits', 'redact 1 MiB of JSON with 100 of them in it', 'JSON.parse', max(5)],
  ],
  import: [['import', "import('@mcpvault/core'), as shipped", 'bare node', max(20, 'ms')]],
}

/** By name, in the order of the table that is printed at the end. @type {Readonly<Record<string, Goal>>} */
export const goals = Object.freeze(
  Object.fromEntries(
    Object.entries(table).flatMap(([group, lines]) =>
      lines.map(([name, work, beside, limit]) => [name, { group, work, beside, ...limit }]),
    ),
  ),
)

/** @param {Limit} limit */
export function limitText({ max: upper, min: lower, unit }) {
  return upper === undefined ? `>= ${lower} ${unit}` : `<= ${upper} ${unit}`
}

/** @param {Limit} limit @param {number} held */
export function isMet({ max: upper = Number.POSITIVE_INFINITY, min: lower = Number.NEGATIVE_INFINITY }, held) {
  return held <= upper && held >= lower
}

/** @param {number} limit @returns {Limit} */
function max(limit, unit = 'x') {
  return { max: limit, unit }
}

/** @param {number} limit @returns {Limit} */
function min(limit) {
  return { min: limit, unit: 'x' }
}
