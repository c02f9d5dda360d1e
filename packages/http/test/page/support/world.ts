// A browser and a host, shared by all tests of the page; each test has users and contexts of its own.
import { type BrowserContext, complaintsOf, openBrowser, type Page } from '@mcpvault/testkit/browser'
import { expect, onTestFinished } from 'vitest'
import { basePath, type PageHost, startHost } from './host.ts'

export interface World extends PageHost {
  /** A browser of its own for a user, with the page open. What its console says fails the test. */
  open(user: string, options?: OpenOptions): Promise<Page>
  /** A user that no other test has. */
  newUser(name: string): string
}

export interface OpenOptions {
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  /** The fragment, such as `#/audit`. */
  readonly at?: string
  /** Shares the session of another page, as a second tab does. */
  readonly in?: BrowserContext
  /** Time stands under the test's control. */
  readonly clock?: 'of the test'
}

/** What no answer but that of a reveal may have, no log, and nothing that the browser keeps. */
export const canary = 'canary-7d41c2e9'

export async function startWorld(): Promise<World> {
  const chromium = await openBrowser()
  const host = await startHost().catch(async (error: unknown) => {
    await chromium.stop()
    throw error
  })
  let users = 0
  return {
    ...host,
    interrupt(by) {
      host.interrupt(by)
      onTestFinished(() => host.interrupt(undefined))
    },
    newUser(name) {
      users += 1
      return `${name}-${users}`
    },
    async open(user, { width = 1_200, scheme = 'light', at = '', in: shared, clock } = {}) {
      const context = shared ?? (await newContext())
      const page = await context.newPage()
      const complaints = complaintsOf(page)
      onTestFinished(() => expect(complaints()).toBe(''))
      if (clock !== undefined) await page.clock.install()
      await page.goto(`${host.origin}${basePath}/${at}`)
      await page.locator('main').waitFor()
      return page

      async function newContext(): Promise<BrowserContext> {
        const made = await chromium.browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme })
        onTestFinished(() => made.close())
        await made.grantPermissions(['clipboard-read', 'clipboard-write'])
        await made.addCookies([{ name: 'user', value: encodeURIComponent(user), url: host.origin }])
        return made
      }
    },
    async stop() {
      await chromium.stop()
      await host.stop()
    },
  }
}

/** Everything that the browser has of the page: its DOM with what fields hold, its storage, its address and title. */
export async function keptBy(page: Page): Promise<string> {
  const kept = await page.evaluate(async () => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) =>
      field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field.value : '',
    )
    const databases = await indexedDB.databases()
    const caches = await globalThis.caches.keys()
    const stored = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie]
    const place = [location.href, document.title, JSON.stringify(history.state)]
    return [document.documentElement.outerHTML, ...fields, ...stored, ...place, ...caches, JSON.stringify(databases)]
  })
  return kept.join('\n')
}

/** The row of a secret in the table. */
export function rowOf(page: Page, name: string) {
  return page.locator('table.secrets tr.row', { has: page.getByRole('link', { name, exact: true }) })
}

/** Opens the drawer of a secret, and gives it. */
export async function openSecret(page: Page, name: string) {
  await page.getByRole('link', { name, exact: true }).click()
  const drawer = page.locator('dialog.side')
  await drawer.getByRole('heading', { name: 'Settings' }).waitFor()
  return drawer
}

/** A message that says something was done. */
export function toast(page: Page, text: string | RegExp) {
  return page.locator('.toast', { hasText: text })
}
