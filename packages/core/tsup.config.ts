// Builds the two entries of core as ESM; lru-cache is bundled, so that core has no run-time dependency.
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  format: 'esm',
  target: 'node20',
  sourcemap: false,
  clean: true,
  // Names stay for stack traces; without white space and comments the import takes a quarter less time.
  esbuildOptions(options) {
    options.minifyWhitespace = true
    options.minifySyntax = true
  },
  // Declarations take ten times as long as the code; what only runs the packages does without them.
  dts:
    process.env['MCPVAULT_BUILD'] === 'code'
      ? false
      : { compilerOptions: { composite: false, ignoreDeprecations: '6.0' } },
})
