// A Chromium for all tests of the page, and for each test an app that serves it on loopback and signs users in by a cookie.
import { type BrowserContext, complaintsOf, openBrowser, type Page } from '@mcpvault/testkit/browser'
import { expect, onTestFinished } from 'vitest'
import { toNode } from '../../src/elicit/index.ts'
import { type ElicitWorld, elicitWorld, type WorldOptions } from './elicit-world.ts'
import { listen } from './http-servers.ts'

export interface BrowserWorld {
  /** An app of its own for a test. */
  app(options?: WorldOptions): Promise<BrowserApp>
  stop(): Promise<void>
}

export interface BrowserApp extends ElicitWorld {
  readonly origin: string
  /** A browser in which this user is signed in, with the address open; '' for nobody. What its console says fails the test. */
  visit(url: string, options?: VisitOptions): Promise<Page>
}

export interface VisitOptions {
  readonly user?: string
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  readonly javaScriptEnabled?: false
}

export async function startBrowserWorld(): Promise<BrowserWorld> {
  const chromium = await openBrowser()
  return {
    stop: chromium.stop,
    async app(options = {}) {
      let world: ElicitWorld | undefined
      const root = await listen((request, response) => {
        if (world === undefined) response.writeHead(503).end()
        else toNode(world.elicitation.handler)(request, response)
      })
      const origin = root.slice(0, -1)
      world = elicitWorld({
        baseUrl: `${origin}/connect`,
        principalOfBrowser({ headers }) {
          const cookie = /(?:^|; )user=([^;]+)/.exec(headers.get('cookie') ?? '')?.[1]
          const id = headers.get('x-user') ?? decodeURIComponent(cookie ?? '')
          return id === '' ? undefined : { id }
        },
        ...options,
      })
      return { ...world, origin, visit }

      async function visit(url: string, given: VisitOptions = {}): Promise<Page> {
        const { user = 'alice', width = 900, scheme = 'light', ...rest } = given
        const context: BrowserContext = await chromium.browser.newContext({
          viewport: { width, height: 700 },
          colorScheme: scheme,
          ...rest,
        })
        onTestFinished(() => context.close())
        if (user !== '') await context.addCookies([{ name: 'user', value: encodeURIComponent(user), url: origin }])
        const page = await context.newPage()
        const complaints = complaintsOf(page)
        onTestFinished(() => expect(complaints()).toBe(''))
        await page.goto(url)
        return page
      }
    },
  }
}
