// Tests of the SQLite store run on its sources and on the sources of core.
import { defineConfig } from 'vitest/config'

const conditions = ['mcpvault-source', 'module', 'node', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { name: 'sqlite', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
