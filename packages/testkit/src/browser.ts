// A real Chromium for tests of pages, and what an accessibility checker says of a page in it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from './install/find-servers.ts'
import type { Way } from './ways.ts'

export type { Browser, BrowserContext, Page } from 'playwright-core'

export interface TestBrowser {
  /** Each test opens a context of its own: contexts share neither cookies nor storage. */
  readonly browser: Browser
  /** How the tests came by it. */
  readonly way: Way
  /** Ends it and removes its profile. */
  stop(): Promise<void>
}

/**
 * Starts a headless Chromium with a new profile: the one that `MCPVAULT_TEST_CHROMIUM` names by its path, else as the
 * servers are found. It ends with this process, also when that is killed.
 */
export async function openBrowser(): Promise<TestBrowser> {
  const { way, what: executablePath } = await findChromium()
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    // Chromium's sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
    // Shared memory is small in many containers.
    args: ['--disable-dev-shm-usage'],
  })
  return { browser, way, stop: () => browser.close() }
}

/**
 * What the console of a page says from now on, a line each: errors of its scripts, and what its content security policy
 * refused. That a resource did not load is left out: answers with an error status are a test's own doing.
 */
export function complaintsOf(page: Page): () => string {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (!message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  return () => complaints.join('\n')
}

/** One rule that a page breaks. */
export interface AxeViolation {
  readonly rule: string
  readonly help: string
  /** The elements, as CSS selectors with what is wrong. */
  readonly elements: readonly string[]
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
// Every rule of WCAG 2.2, levels A and AA.
const axeOptions: RunOptions = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  resultTypes: ['violations'],
}

/** What axe finds against WCAG 2.2 AA on the page as it is now; empty when nothing. */
export async function axeViolations(page: Page): Promise<readonly AxeViolation[]> {
  // By the debugging protocol, so that the page's content security policy stays on.
  // Before its style is there a page has other sizes.
  await page.waitForLoadState('load')
  await page.evaluate(readFileSync(axePath, 'utf8'))
  const results = await page.evaluate<AxeResults, RunOptions>(
    // A cast, since this runs inside of the page, where axe is a global.
    (options) => (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run(options),
    axeOptions,
  )
  return results.violations.map(({ id, help, nodes }) => ({
    rule: id,
    help,
    elements: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`),
  }))
}
