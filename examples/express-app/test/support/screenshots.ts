// The pictures of the README: taken when MCPVAULT_SCREENSHOTS=1, as part of the test that goes through the pages.
import { join } from 'node:path'
import type { Page } from '@mcpvault/testkit/browser'

const folder = join(import.meta.dirname, '..', '..', 'screenshots')

/** Writes `screenshots/NAME.png`, the upper `height` pixels of the window. */
export async function screenshot(page: Page, name: string, height: number): Promise<void> {
  if (process.env['MCPVAULT_SCREENSHOTS'] !== '1') return
  const clip = { x: 0, y: 0, width: page.viewportSize()?.width ?? 0, height }
  await page.screenshot({ path: join(folder, `${name}.png`), clip, animations: 'disabled', caret: 'hide' })
}
