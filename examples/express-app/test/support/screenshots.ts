// The pictures of the README: taken when MCPVAULT_SCREENSHOTS=1, as part of the test that goes through the pages.
import { join } from 'node:path'
import type { Page } from '@mcpvault/testkit/browser'

const folder = join(import.meta.dirname, '..', '..', 'screenshots')

/** Writes `screenshots/NAME.png`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (process.env['MCPVAULT_SCREENSHOTS'] !== '1') return
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' })
}
