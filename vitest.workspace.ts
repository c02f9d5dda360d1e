// Names the test projects; Vitest reads it through `--config vitest.workspace.ts`.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // The default leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
    projects: ['packages/*/vitest.config.ts', 'examples/*/vitest.config.ts', 'vitest.repo.config.ts'],
    coverage: {
      provider: 'v8',
      // Absolute, because files that no test loads are looked up from the folder of each project.
      include: [join(import.meta.dirname, 'packages/core/src/**/*.ts')],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: {
        branches: 95,
        'packages/core/src/envelope/**': { branches: 95 },
        'packages/core/src/access/**': { branches: 95 },
        'packages/core/src/audit/**': { branches: 95 },
      },
    },
  },
})
