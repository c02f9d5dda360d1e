// The groups that can be asked for by name, in the order in which they run.

/**
 * @typedef {object} Group
 * @property {string} title
 * @property {boolean} [everyNode] run under every Node at hand, since the driver differs between them
 */

/** @type {Readonly<Record<string, Group>>} */
export const groups = Object.freeze({
  envelope: { title: 'Sealing and opening, against raw AES-256-GCM and other packages' },
  get: { title: 'get, against opening alone and a prepared SELECT', everyNode: true },
  set: { title: 'set, against a durable UPSERT' },
  import: { title: 'What importing core adds to a bare Node' },
  access: { title: 'Access decisions with many grants and rules' },
  scale: { title: 'list and get among 100,000 secrets, against 1,000' },
  verify: { title: 'Verifying the audit trail, against HMACs of the same bytes' },
  postgres: { title: 'The Postgres store, against bare statements on the same pool' },
  redis: { title: 'The Redis store, against GET on the same client' },
  services: { title: 'The vault in the process, against secrets over HTTP' },
  million: { title: 'list among 1,000,000 secrets on Postgres, against 1,000' },
})
