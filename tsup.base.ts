// How every package is built: as ESM from one entry; other packages and the drivers stay imports of installed ones.
import type { Options } from 'tsup'

export const tsupBase: Options = {
  entry: { index: 'src/index.ts' },
  format: 'esm',
  target: 'node20',
  // Not minified, and with maps: a stack trace shows lines that a person can read.
  sourcemap: true,
  clean: true,
  // The declarations are written by scripts/declarations.mjs.
  dts: false,
}
