// A policy to begin with: four roles of a small team, told apart by tags.
import type { Policy } from '../contracts/index.ts'

/**
 * Four roles over tags. `system_admin` reads, writes and rotates everything and reads the audit trail;
 * `deployment_engineer`, `developer` and `monitoring_system` reach only what is tagged for them, and a developer
 * nothing that is tagged `production`.
 */
export const examplePolicy: Policy = Object.freeze({
  roles: {
    system_admin: [{ allow: ['read', 'write', 'rotate'] }, { allow: ['audit'] }],
    deployment_engineer: [
      { allow: ['read', 'write'], tags: ['environment_config'] },
      { allow: ['read'], tags: ['application_secrets', 'rotation_status'] },
    ],
    developer: [
      { allow: ['read'], tags: ['development_secrets'], withoutTags: ['production'] },
      { allow: ['read', 'write'], tags: ['test_environment'], withoutTags: ['production'] },
    ],
    monitoring_system: [{ allow: ['read'], tags: ['monitoring_credentials', 'health_check_keys'] }],
  },
} as const)
