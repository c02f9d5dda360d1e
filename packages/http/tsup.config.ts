// Builds the three entries of the HTTP API.
import { defineConfig } from 'tsup'
import { tsupBase } from '../../tsup.base.ts'

export default defineConfig({
  ...tsupBase,
  entry: { index: 'src/index.ts', 'mount/index': 'src/mount/index.ts', 'client/index': 'src/client/index.ts' },
})
