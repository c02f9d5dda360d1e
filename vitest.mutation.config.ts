// The tests that the mutation run judges: those of the envelope, of access and of audit.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  ssr: { resolve: { conditions: ['mcpvault-source'] } },
  // The run works on a copy whose node_modules lead back to the originals, which have no mutants.
  resolve: { alias: [...entriesOf('core'), ...entriesOf('testkit')] },
  test: {
    name: 'mutation',
    include: ['packages/core/test/{envelope,access,audit}/**/*.test.ts'],
    // A mutant that waits for ever fails its test, which takes less time than a new process.
    testTimeout: 5_000,
  },
})

/** The entries of a package of this workspace, each led to its source beside this file. */
function entriesOf(name: string) {
  const { exports } = JSON.parse(readFileSync(here(`packages/${name}/package.json`), 'utf8')) as {
    exports: Record<string, string | { readonly 'mcpvault-source': string }>
  }
  return Object.entries(exports).map(([entry, to]) => ({
    find: new RegExp(`^@mcpvault/${name}${entry.slice(1)}$`),
    replacement: here(`packages/${name}/${typeof to === 'string' ? to : to['mcpvault-source']}`),
  }))
}
