// Programs of the tests as files that Node runs, removed after the test file.
import { bundleProgram as bundle } from '@mcpvault/testkit/bundle'
import { afterAll } from 'vitest'

const removals: (() => void)[] = []
afterAll(() => {
  for (const remove of removals) remove()
})

/** The path of the program that is made of a source. */
export async function bundleProgram(source: URL): Promise<string> {
  const { path, remove } = await bundle({
    entry: source,
    external: ['@modelcontextprotocol/*', 'zod', 'cross-spawn'],
  })
  removals.push(remove)
  return path
}
