// Tests of the Redis store run on its sources and on the sources of core.
import { defineConfig } from 'vitest/config'

// Node is given these for every import; with `import` among them a driver's `require` would load ES modules.
const conditions = ['mcpvault-source', 'node']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { name: 'redis', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
