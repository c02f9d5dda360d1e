// The schema: every table, index and routine, in ordered steps that never change once released.
import type { Migration } from '@mcpvault/core/adapter'
import { createRoutines } from './routines.ts'

export const createMigrations = `
CREATE TABLE IF NOT EXISTS mcpvault_migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`

// Names are ordered and compared by their bytes (collation "C"); times are milliseconds since 1970, as the vault seals
// them. A secret's record is one run of bytes, read in one go; the columns beside it are what queries and row security
// look at. There is an index for each question that the vault or its operator asks; all others walk one of these and leave
// out what does not fit. Pages of secrets come newest first, so every list of them ends in (created_at, id). It begins
// with the state: a page of active secrets must not walk over deleted ones, and a look-up of one secret, which names no
// state, must not find any index but its own, which the planner of a table without statistics cannot tell to be the best.
// Versions, grants and tags carry the owner, so that their row security needs no look at another table; the foreign keys
// see that it is the secret's. Each index of the trail serves a filter of its pages and ends in the time, which few rows
// share: streams and sequences beside it would double what each event writes. Streams are found by the day that they were
// last written on: an index that names the moment would have to be written with every event.
const createTables = `
CREATE TABLE mcpvault_meta (
  key text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL
);

CREATE TABLE mcpvault_locks (
  name text COLLATE "C" PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  ends_at timestamptz NOT NULL
);

CREATE TABLE mcpvault_secrets (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  server text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  current_version bigint NOT NULL,
  state text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  tier smallint NOT NULL,
  dek_id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  last_used_at bigint,
  use_count bigint NOT NULL,
  record bytea NOT NULL,
  lists text NOT NULL,
  UNIQUE (owner, server, name),
  UNIQUE (key, owner)
) WITH (fillfactor = 85);
CREATE INDEX mcpvault_secrets_owner ON mcpvault_secrets (state, owner, created_at, id);
CREATE INDEX mcpvault_secrets_scope ON mcpvault_secrets (state, owner, server, created_at, id);
CREATE INDEX mcpvault_secrets_state ON mcpvault_secrets (state, created_at, id);
CREATE INDEX mcpvault_secrets_dek ON mcpvault_secrets (state, dek_id, created_at, id);
CREATE INDEX mcpvault_secrets_expiry ON mcpvault_secrets (state, expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE mcpvault_versions (
  secret bigint NOT NULL,
  owner text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  envelope bytea NOT NULL,
  PRIMARY KEY (secret, version),
  FOREIGN KEY (secret, owner) REFERENCES mcpvault_secrets (key, owner) ON DELETE CASCADE
);
ALTER TABLE mcpvault_versions ALTER COLUMN envelope SET STORAGE EXTERNAL;

CREATE TABLE mcpvault_grants (
  secret bigint NOT NULL,
  owner text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  permission text COLLATE "C" NOT NULL,
  granted_by text COLLATE "C" NOT NULL,
  granted_at bigint NOT NULL,
  created_at bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  PRIMARY KEY (secret, principal),
  FOREIGN KEY (secret, owner) REFERENCES mcpvault_secrets (key, owner) ON DELETE CASCADE
);
CREATE INDEX mcpvault_grants_principal ON mcpvault_grants (principal, created_at, id);

CREATE TABLE mcpvault_tags (
  secret bigint NOT NULL,
  owner text COLLATE "C" NOT NULL,
  tag text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  PRIMARY KEY (secret, tag),
  FOREIGN KEY (secret, owner) REFERENCES mcpvault_secrets (key, owner) ON DELETE CASCADE
);
CREATE INDEX mcpvault_tags_owner ON mcpvault_tags (owner, tag, created_at, id);

CREATE TABLE mcpvault_data_keys (
  id text COLLATE "C" PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  owner text COLLATE "C" NOT NULL,
  server text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  created_at bigint NOT NULL,
  wraps bytea NOT NULL
);
CREATE UNIQUE INDEX mcpvault_data_keys_active ON mcpvault_data_keys (kind, owner, server) WHERE state = 'active';
CREATE INDEX mcpvault_data_keys_owner ON mcpvault_data_keys (owner, id);

CREATE TABLE mcpvault_audit (
  stream text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  at bigint NOT NULL,
  action text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  owner text COLLATE "C",
  server text COLLATE "C",
  name text COLLATE "C",
  secret_id text COLLATE "C",
  correlation_id text COLLATE "C",
  mac bytea NOT NULL,
  redaction bytea,
  body bytea NOT NULL,
  PRIMARY KEY (stream, sequence)
);
CREATE INDEX mcpvault_audit_at ON mcpvault_audit (at);
CREATE INDEX mcpvault_audit_principal ON mcpvault_audit (principal, at);
CREATE INDEX mcpvault_audit_owner ON mcpvault_audit (owner, at) WHERE owner IS NOT NULL;
CREATE INDEX mcpvault_audit_secret ON mcpvault_audit (secret_id, at) WHERE secret_id IS NOT NULL;
CREATE INDEX mcpvault_audit_call ON mcpvault_audit (correlation_id, at) WHERE correlation_id IS NOT NULL;

CREATE TABLE mcpvault_streams (
  stream text COLLATE "C" PRIMARY KEY,
  first_at bigint NOT NULL,
  last_at bigint NOT NULL,
  last_day bigint NOT NULL,
  last_sequence bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX mcpvault_streams_last ON mcpvault_streams (last_day, stream);

CREATE TABLE mcpvault_checkpoints (
  id text COLLATE "C" PRIMARY KEY,
  created_at bigint NOT NULL,
  note text NOT NULL
);
CREATE INDEX mcpvault_checkpoints_created ON mcpvault_checkpoints (created_at, id);
`

/** In order. The last one's version is the version of the schema. */
export const migrations: readonly Migration[] = Object.freeze([
  { version: 1, name: 'tables', text: createTables },
  { version: 2, name: 'routines', text: createRoutines },
])

/** Every table, for grants and row security. */
export const tables = Object.freeze({
  ordinary: [
    'mcpvault_meta',
    'mcpvault_locks',
    'mcpvault_secrets',
    'mcpvault_versions',
    'mcpvault_grants',
    'mcpvault_tags',
    'mcpvault_data_keys',
  ],
  appended: ['mcpvault_audit', 'mcpvault_checkpoints'],
  streams: 'mcpvault_streams',
  migrations: 'mcpvault_migrations',
} as const)
