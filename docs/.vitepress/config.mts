// The documentation as a static site: the pages of the repository as they are, and the API reference.
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { defineConfig } from 'vitepress'
import { checkListed, companionPages, guides, packagePages } from './pages.mts'

const root = join(import.meta.dirname, '..', '..')
const sources = 'https://github.com/mcpvault/mcpvault/blob/main/'

checkListed(root)

export default defineConfig({
  title: 'MCPVault',
  description: 'The secrets vault that MCP server authors embed.',
  srcDir: root,
  outDir: join(root, '.cache', 'site'),
  cacheDir: join(root, '.cache', 'vitepress'),
  srcExclude: [
    '**/CHANGELOG.md',
    '**/test/**',
    '.changeset/**',
    '.github/**',
    'coverage/**',
    '**/dist/**',
    '.cache/**',
  ],
  rewrites: {
    'README.md': 'index.md',
    ':folder/:name/README.md': ':folder/:name/index.md',
    'bench/README.md': 'bench/index.md',
  },
  // A link to nothing ends the build.
  ignoreDeadLinks: false,
  cleanUrls: false,
  lastUpdated: false,
  markdown: {
    // In the pages, braces are text.
    config: (markdown) => {
      markdown.core.ruler.push('links of the repository', (state) => {
        const page = state.env.realPath ?? state.env.path
        for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type !== 'link_open') continue
          const target = token.attrGet('href')
          if (target !== null) token.attrSet('href', onSite(posix.relative(root, page), target))
        }
      })
    },
  },
  vue: { template: { compilerOptions: { delimiters: ['[[[', ']]]'] } } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/docs/guide' },
      { text: 'Security', link: '/SECURITY' },
      { text: 'API', link: '/docs/api/' },
    ],
    sidebar: [
      { text: 'Start', items: [{ text: 'MCPVault', link: '/' }, ...guides.start] },
      { text: 'Run it', items: [...guides.run] },
      { text: 'Build on it', items: [...guides.build] },
      { text: 'Frameworks and drivers', collapsed: true, items: companionPages(root) },
      { text: 'Packages', items: packagePages(root) },
      { text: 'Reference', items: [...guides.reference] },
    ],
  },
})

/** Where a link of a page leads on the site: to another page, or to the file in the repository. */
function onSite(page: string, target: string): string {
  const local = target.startsWith(sources) ? `/${target.slice(sources.length)}` : target
  if (/^(?:[a-z]+:|#)/.test(local)) return target
  const [file = '', anchor] = local.split('#')
  const path = file.startsWith('/') ? file.slice(1) : posix.join(posix.dirname(page), file)
  if (path.endsWith('.md') || !existsSync(join(root, path))) {
    const shown = `/${path}`.replace(/README\.md$/, '')
    return anchor === undefined ? shown : `${shown}#${anchor}`
  }
  return sources + path
}
