// Tenants of one store who must not reach each other's secrets.
export { runTenants, type TenantRun } from './tenant-runs.ts'
export { tenantPolicy } from './tenants.ts'
