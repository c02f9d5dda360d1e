// Tests of the repository itself: layers, documentation, words; they read the built packages.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'repo',
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
