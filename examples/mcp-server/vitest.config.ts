// The example server is tested as it runs: on the built packages, through the real MCP client.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { name: 'example-mcp-server', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
