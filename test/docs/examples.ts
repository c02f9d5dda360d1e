// Takes the examples out of doc comments, so that they compile and run like the code of the pages.
import type { Snippet } from './snippets.ts'

/** What an example may use without saying where it is from. */
const prelude = `import { createVault, generateKey, keyRing, memoryStore } from '@mcpvault/core'
const ring = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const policy = { roles: { operator: [{ allow: ['operate'] }], developer: [{ allow: ['read'] }] } } as const
const vault = createVault({ keys: ring, store: memoryStore(), policy })
const alice = vault.as({ id: 'alice' })
const github = alice.scope({ server: 'github' })
await github.set('token', 'a value to keep')
await github.set('account', { user: 'me', password: 'first' })
`

/** The examples of one source file, each after the same few lines, which make a vault with two secrets. */
export function examplesOf(path: string, text: string): readonly Snippet[] {
  const examples: { readonly line: number; readonly code: string[] }[] = []
  let isOpen = false
  for (const [index, content] of text.split('\n').entries()) {
    const comment = /^\s*\* ?(?!\/)(.*)$/.exec(content)?.[1]
    if (comment === undefined || /^@/.test(comment)) isOpen = comment === '@example'
    else if (isOpen && !comment.startsWith('```')) examples.at(-1)?.code.push(comment)
    if (comment === '@example') examples.push({ line: index + 1, code: [] })
  }
  return examples.map(({ line, code }) => ({
    name: `${path}:${line}`,
    // In a block of its own, where it may use the names of the prelude for its own things.
    code: `${prelude}{\n${code.join('\n')}\n}\nawait vault.close()\n`,
    typed: true,
    runs: true,
  }))
}
