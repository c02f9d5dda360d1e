// Unit tests of core run on its sources.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['mcpvault-source'] } },
  test: { name: 'core', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
