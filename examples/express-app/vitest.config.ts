// The Express app runs as a newcomer runs it: bare Node on the built packages.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { name: 'example-express-app', include: ['test/**/*.test.ts'], testTimeout: 60_000 },
})
