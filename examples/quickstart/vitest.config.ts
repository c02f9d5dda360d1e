// The quick start runs as a newcomer runs it: bare Node on the built packages.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { name: 'example-quickstart', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
