// Runs one task in a process of its own, so that no group inherits another's warm code, heap or open files.

/** @type {Record<string, () => Promise<{ run: (input: any) => Promise<unknown> }>>} */
const tasks = {
  envelope: () => import('./src/groups/envelope.mjs'),
  memory: () => import('./src/groups/memory.mjs'),
  http: () => import('./src/groups/http.mjs'),
  sqlite: () => import('./src/groups/sqlite.mjs'),
  postgres: () => import('./src/groups/postgres.mjs'),
  redis: () => import('./src/groups/redis.mjs'),
  bao: () => import('./src/groups/bao.mjs'),
  services: () => import('./src/groups/services.mjs'),
  rewrap: () => import('./src/groups/rewrap.mjs'),
  rekey: () => import('./src/groups/rekey.mjs'),
  'rewrap-many': () => import('./src/groups/rewrap-many.mjs'),
  copy: () => import('./src/groups/copy.mjs'),
  backup: () => import('./src/groups/backup.mjs'),
  verify: () => import('./src/groups/verify.mjs'),
  trips: () => import('./src/groups/trips.mjs'),
  scale: () => import('./src/groups/scale.mjs'),
  million: () => import('./src/groups/million.mjs'),
  access: () => import('./src/groups/access.mjs'),
  redact: () => import('./src/groups/redact.mjs'),
  import: () => import('./src/groups/import.mjs'),
  beside: () => import('./src/groups/beside.mjs'),
  prices: () => import('./src/groups/prices.mjs'),
  calls: () => import('./src/groups/calls.mjs'),
  'calls-count': () => import('./src/calls/count.mjs'),
  'scale-fill': () => import('./src/scale/fill.mjs'),
  'scale-footprint': () => import('./src/scale/footprint.mjs'),
  'trips-streams': () => import('./src/trips/streams.mjs'),
  'verify-footprint': () => import('./src/verify/footprint.mjs'),
}

process.once('message', async ({ task, input }) => {
  const { run } = await tasks[task]()
  process.send?.(await run(input), () => process.disconnect())
})
