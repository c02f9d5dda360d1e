// isKeyVariable: which variables of an environment hold a master key, for programs that start others.
import { expect, it } from 'vitest'
import { isKeyVariable } from '../../src/providers/index.ts'

it.each([
  'MCPVAULT_KEY',
  'MCPVAULT_KEY_FILE',
  'MCPVAULT_KEY_PROD',
  'MCPVAULT_PREVIOUS_KEYS',
  'ENCRYPTION_MASTER_KEY',
  'ENCRYPTION_MASTER_KEY_DEV',
  'SECRETS_MASTER_KEY',
  'SECRETS_KEY',
  'RENDER_SECRET_ENCRYPTION_MASTER_KEY',
  'MASTER_PASSWORD',
  'ENCRYPTION_SALT',
  'mcpvault_key',
])('[A26] %s holds a key', (name) => {
  expect(isKeyVariable(name)).toBe(true)
})

it.each(['', 'PATH', 'DATABASE_URL', 'API_KEY', 'MCPVAULT_KEYS', 'MCPVAULT_KEY_', 'MY_MCPVAULT_KEY', 'SECRETS_KEY_2'])(
  '"%s" holds none',
  (name) => {
    expect(isKeyVariable(name)).toBe(false)
  },
)
