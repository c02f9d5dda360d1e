// Reads the parts of a Markdown page that can be checked: fenced code, links, code spans and headings.

/** A fenced block. `line` is that of its opening fence, from 1; `info` is all that follows the backticks. */
export interface Fence {
  readonly line: number
  readonly info: string
  readonly code: string
}

/** What one page says. Code inside of fences is in `fences` alone. */
export interface Page {
  readonly fences: readonly Fence[]
  readonly links: readonly { readonly line: number; readonly target: string }[]
  readonly spans: readonly { readonly line: number; readonly text: string }[]
  readonly anchors: readonly string[]
}

/** Reads one page; a fence that is never closed is a fault of the page. */
export function readPage(text: string): Page {
  const page = {
    fences: [] as Fence[],
    links: [] as Page['links'][number][],
    spans: [] as Page['spans'][number][],
    anchors: [] as string[],
  }
  let open: { line: number; info: string; lines: string[] } | undefined
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    const fence = /^\s*```(.*)$/.exec(content)
    if (open !== undefined) {
      if (fence === null) open.lines.push(content)
      else {
        page.fences.push({ line: open.line, info: open.info, code: `${open.lines.join('\n')}\n` })
        open = undefined
      }
    } else if (fence !== null) {
      open = { line, info: (fence[1] ?? '').trim(), lines: [] }
    } else {
      readProse({ content, line, page })
    }
  }
  if (open !== undefined) throw new Error(`the fence of line ${open.line} is never closed`)
  return page
}

function readProse({ content, line, page }: { content: string; line: number; page: Mutable }): void {
  const heading = /^#+\s+(.*)$/.exec(content)
  if (heading !== null) page.anchors.push(slug(heading[1] ?? ''))
  for (const match of content.matchAll(/`([^`]+)`/g)) page.spans.push({ line, text: match[1] ?? '' })
  const withoutCode = content.replaceAll(/`[^`]*`/g, '')
  for (const match of withoutCode.matchAll(/\]\(([^)\s]+)(?:\s[^)]*)?\)/g))
    page.links.push({ line, target: match[1] ?? '' })
}

interface Mutable {
  readonly links: Page['links'][number][]
  readonly spans: Page['spans'][number][]
  readonly anchors: string[]
}

/** The anchor that a forge gives to a heading. */
function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}
