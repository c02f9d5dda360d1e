// The JSON Schema of an audit event, for programs that read exported trails.

const optionalName = { type: ['string', 'null'] } as const
const text = { type: 'string' } as const
const wholeNumber = { type: 'integer', minimum: 0 } as const

/**
 * JSON Schema (2020-12) of one event. It asks for the ten names that audit records commonly share and describes what
 * MCPVault adds; other fields are let through, so that records of other systems can be checked with it too.
 */
export const auditEventSchema = Object.freeze({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Audit event',
  type: 'object',
  required: [
    'timestamp',
    'event_type',
    'user_id',
    'secret_name',
    'operation',
    'source_ip',
    'user_agent',
    'success',
    'encryption_key_version',
    'correlation_id',
  ],
  properties: {
    timestamp: { type: 'string', format: 'date-time' },
    event_type: { type: 'string', minLength: 1 },
    user_id: optionalName,
    secret_name: optionalName,
    operation: { type: 'string', minLength: 1 },
    source_ip: optionalName,
    user_agent: optionalName,
    success: { type: 'boolean' },
    encryption_key_version: { type: ['string', 'number', 'null'] },
    correlation_id: optionalName,
    stream: { type: 'string', pattern: '^[0-9a-f]{32}$' },
    sequence: wholeNumber,
    outcome: { enum: ['allowed', 'denied', 'missing', 'failed', 'intent'] },
    roles: { type: 'array', items: text },
    owner: text,
    server: text,
    secret_id: text,
    version: wholeNumber,
    grantee: text,
    count: wholeNumber,
    error_code: { type: 'string', pattern: '^VAULT_[A-Z_]+$' },
    deployment_id: text,
    reason: text,
    duration_ms: { type: 'number', minimum: 0 },
    key_age_ms: wholeNumber,
    envelope_digest: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    hidden: { enum: [true] },
    seal: { type: 'string', pattern: '^[A-Za-z0-9_-]{22}$' },
  },
} as const)
