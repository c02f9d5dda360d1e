// Builds the entries of core; lru-cache is bundled, so that core has no run-time dependency.
import { defineConfig } from 'tsup'
import { tsupBase } from '../../tsup.base.ts'

export default defineConfig({
  ...tsupBase,
  entry: {
    index: 'src/index.ts',
    'adapter/index': 'src/adapter/index.ts',
    'backup/index': 'src/backup/index.ts',
    'import/index': 'src/import/index.ts',
    'presets/index': 'src/presets/index.ts',
    'testing/index': 'src/testing/index.ts',
  },
})
