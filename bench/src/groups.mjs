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
})
