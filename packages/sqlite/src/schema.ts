// The schema: every table and index, in ordered steps that never change once released.
import type { Migration } from '@mcpvault/core/adapter'

export const createMigrations = `
CREATE TABLE IF NOT EXISTS mcpvault_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`

// A secret's record is one compact blob, decoded in one go; the columns beside it are what queries look at. Pages come
// newest first, so the lists of all kinds end in (created_at, id). The state stands before that, since a page of
// active secrets must not walk over deleted ones. There is an index for each question that the vault or its operator asks
// often; all others walk one of these and leave out what does not fit.
const first = `
CREATE TABLE mcpvault_meta (
  key TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row of a fixed length, which log-mark.ts says more of.
CREATE TABLE mcpvault_file (
  id INTEGER PRIMARY KEY,
  copy BLOB NOT NULL,
  log INTEGER NOT NULL
) STRICT;
INSERT INTO mcpvault_file VALUES (1, randomblob(16), 1099511627776);

CREATE TABLE mcpvault_locks (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mcpvault_secrets (
  key INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  server TEXT NOT NULL,
  name TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  current_version INTEGER NOT NULL,
  state TEXT NOT NULL,
  type TEXT NOT NULL,
  tier INTEGER NOT NULL,
  dek_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  use_count INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX mcpvault_secrets_ref ON mcpvault_secrets (owner, server, name);
CREATE INDEX mcpvault_secrets_owner ON mcpvault_secrets (owner, state, created_at, id);
CREATE INDEX mcpvault_secrets_scope ON mcpvault_secrets (owner, server, state, created_at, id);
CREATE INDEX mcpvault_secrets_state ON mcpvault_secrets (state, created_at, id);
CREATE INDEX mcpvault_secrets_dek ON mcpvault_secrets (dek_id, state, created_at, id);
CREATE INDEX mcpvault_secrets_expiry ON mcpvault_secrets (state, expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE mcpvault_versions (
  secret INTEGER NOT NULL REFERENCES mcpvault_secrets (key),
  version INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  PRIMARY KEY (secret, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE mcpvault_grants (
  secret INTEGER NOT NULL REFERENCES mcpvault_secrets (key),
  principal TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (secret, principal)
) STRICT, WITHOUT ROWID;
CREATE INDEX mcpvault_grants_principal ON mcpvault_grants (principal, created_at, id);

CREATE TABLE mcpvault_tags (
  secret INTEGER NOT NULL REFERENCES mcpvault_secrets (key),
  tag TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (secret, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX mcpvault_tags_owner ON mcpvault_tags (owner, tag, created_at, id);

CREATE TABLE mcpvault_data_keys (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  server TEXT NOT NULL,
  state TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  wraps BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX mcpvault_data_keys_active ON mcpvault_data_keys (kind, owner, server) WHERE state = 'active';
CREATE INDEX mcpvault_data_keys_owner ON mcpvault_data_keys (owner, id);

CREATE TABLE mcpvault_audit (
  stream TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  principal TEXT NOT NULL,
  owner TEXT,
  server TEXT,
  name TEXT,
  secret_id TEXT,
  correlation_id TEXT,
  mac BLOB NOT NULL,
  redaction BLOB,
  body BLOB NOT NULL,
  PRIMARY KEY (stream, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX mcpvault_audit_at ON mcpvault_audit (at, stream, sequence);
CREATE INDEX mcpvault_audit_principal ON mcpvault_audit (principal, at, stream, sequence);
CREATE INDEX mcpvault_audit_owner ON mcpvault_audit (owner, at, stream, sequence) WHERE owner IS NOT NULL;

CREATE TABLE mcpvault_streams (
  stream TEXT NOT NULL PRIMARY KEY,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mcpvault_streams_last ON mcpvault_streams (last_day, stream);

CREATE TABLE mcpvault_checkpoints (
  id TEXT NOT NULL PRIMARY KEY,
  created_at INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mcpvault_checkpoints_created ON mcpvault_checkpoints (created_at, id);
`

/** In order. The last one's version is the version of the schema. */
export const migrations: readonly Migration[] = Object.freeze([{ version: 1, name: 'first', text: first }])

/** For the connection that this package opens itself; a caller's own connection is left as it is. */
export const connectionPragmas = `
PRAGMA busy_timeout = 20;
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
PRAGMA checkpoint_fullfsync = ON;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA secure_delete = ON;
`
