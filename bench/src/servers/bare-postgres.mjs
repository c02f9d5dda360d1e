// The least table of Postgres that could hold sealed values: the floor of the Postgres store, on the same pool.

const columns = 'owner, server, name, version, envelope'

/** @param {import('pg').Pool} pool */
export async function barePostgres(pool) {
  await pool.query(`
    CREATE TABLE bare (
      owner text NOT NULL, server text NOT NULL, name text NOT NULL, version integer NOT NULL, envelope bytea NOT NULL,
      PRIMARY KEY (owner, server, name)
    )`)
  const select = `SELECT version, envelope FROM bare WHERE owner = $1 AND server = $2 AND name = $3`
  const upsert = `
    INSERT INTO bare (${columns}) VALUES ($1, $2, $3, 1, $4)
    ON CONFLICT (owner, server, name) DO UPDATE SET version = bare.version + 1, envelope = excluded.envelope`
  return {
    /** @param {string} name */
    async get(name) {
      const { rows } = await pool.query({ name: 'bare-select', text: select, values: ['alice', 'github', name] })
      return rows[0]
    },
    /** @param {string} name @param {Uint8Array} envelope */
    put: (name, envelope) =>
      pool.query({ name: 'bare-upsert', text: upsert, values: ['alice', 'github', name, Buffer.from(envelope)] }),
  }
}
