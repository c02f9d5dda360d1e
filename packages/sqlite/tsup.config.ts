// Builds the SQLite store as ESM; core and the driver stay imports of the installed packages.
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: 'esm',
  target: 'node20',
  sourcemap: false,
  clean: true,
  // Declarations take ten times as long as the code; what only runs the packages does without them.
  dts:
    process.env['MCPVAULT_BUILD'] === 'code'
      ? false
      : { compilerOptions: { composite: false, ignoreDeprecations: '6.0' } },
})
