// The pages of the site by section, in the order in which a reader meets them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Link {
  readonly text: string
  readonly link: string
}

/** A new page of `docs/` is listed here; the build ends when one is in no section. */
export const guides = {
  start: [
    { text: 'Guide', link: '/docs/guide' },
    { text: 'Secrets in MCP servers', link: '/docs/mcp' },
    { text: 'HTTP API and page', link: '/docs/http' },
    { text: 'Concepts and glossary', link: '/docs/concepts' },
  ],
  run: [
    { text: 'Operations', link: '/docs/operations' },
    { text: 'Keys', link: '/docs/keys' },
    { text: 'Moving in', link: '/docs/moving-in' },
    { text: 'Backups', link: '/docs/backup' },
    { text: 'Containers', link: '/docs/containers' },
    { text: 'Security', link: '/SECURITY' },
  ],
  build: [
    { text: 'Writing a store', link: '/docs/writing-a-store' },
    { text: 'Writing a key provider', link: '/docs/writing-a-key-provider' },
    { text: 'Contributing', link: '/CONTRIBUTING' },
  ],
  reference: [
    { text: 'API', link: '/docs/api/' },
    { text: 'Format of managed', link: '/docs/managed-format' },
    { text: 'Format of archives', link: '/docs/backup-format' },
    { text: 'Promises and their tests', link: '/docs/contract' },
    { text: 'Controls', link: '/docs/controls' },
    { text: 'Settings tried', link: '/docs/settings-tried' },
    { text: 'Bench', link: '/bench/' },
  ],
} as const satisfies Readonly<Record<string, readonly Link[]>>

/** Throws when a page of `docs/` is in no section, where no reader would find it. */
export function checkListed(root: string): void {
  const listed = new Set<string>(Object.values(guides).flatMap((links) => links.map(({ link }) => link)))
  const forgotten = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && !listed.has(`/docs/${name.replace(/\.md$/, '')}`))
    .map((name) => `docs/${name}`)
  if (forgotten.length > 0) throw new Error(`List in docs/.vitepress/pages.mts: ${forgotten.join(', ')}`)
}

/** One entry for each page on a framework or a driver, with the heading of the page. */
export function companionPages(root: string): Link[] {
  const folder = join(root, 'docs', 'with')
  return readdirSync(folder).map((name) => {
    const [heading = name] = readFileSync(join(folder, name), 'utf8').split('\n')
    return { text: heading.replace(/^# /, ''), link: `/docs/with/${name.replace(/\.md$/, '')}` }
  })
}

/** One entry for each package with a page. */
export function packagePages(root: string): Link[] {
  return readdirSync(join(root, 'packages'))
    .filter((name) => name !== 'testkit' && existsSync(join(root, 'packages', name, 'README.md')))
    .map((name) => ({ text: `@mcpvault/${name}`, link: `/packages/${name}/` }))
}
