// The tests that the mutation run judges: those of the envelope, of access and of audit.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['mcpvault-source'] } },
  test: {
    name: 'mutation',
    include: ['packages/core/test/{envelope,access,audit}/**/*.test.ts'],
    testTimeout: 20_000,
  },
})
