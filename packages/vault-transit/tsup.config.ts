// Builds the entries of the package: the transit provider, and the source of an import.
import { defineConfig } from 'tsup'
import { tsupBase } from '../../tsup.base.ts'

export default defineConfig({ ...tsupBase, entry: { index: 'src/index.ts', 'kv/index': 'src/kv/index.ts' } })
