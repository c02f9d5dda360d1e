// Builds the page: hashed files that refer to each other by relative addresses, so that any base path serves them.
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  clearScreen: false,
  // The classic form of JSX is a twentieth smaller.
  oxc: {
    jsx: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment' },
    jsxInject: "import { h, Fragment } from 'preact'",
  },
  // No tools of developers: what they look at is left out.
  define: { 'window.__PREACT_SIGNALS_DEVTOOLS__': 'false' },
  resolve: { dedupe: ['preact'], conditions: ['mcpvault-source', ...defaultClientConditions] },
  build: {
    outDir: '../dist/page',
    // The build of the package has emptied it, and type declarations stand there too.
    emptyOutDir: false,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // The policy of the page allows no data but images, and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
