// Builds the entries of the MCP part, each of which is usable alone.
import { defineConfig } from 'tsup'
import { tsupBase } from '../../tsup.base.ts'

export default defineConfig({
  ...tsupBase,
  entry: {
    index: 'src/index.ts',
    'redact/index': 'src/redact/index.ts',
    'oauth/index': 'src/oauth/index.ts',
    'elicit/index': 'src/elicit/index.ts',
    'run/index': 'src/run/index.ts',
  },
})
