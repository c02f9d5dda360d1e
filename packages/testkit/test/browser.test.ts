// The browser of the kit opens pages, and the checker tells a bad page from a good one.
import { expect, it } from 'vitest'
import { axeViolations, openBrowser } from '../src/browser.ts'
import { describeWith } from '../src/index.ts'

describeWith('Chromium', openBrowser, (chromium) => {
  it('has axe name what a page does wrong, and nothing of a good one', async () => {
    const context = await chromium().browser.newContext()
    const page = await context.newPage()
    await page.setContent('<html lang="en"><title>Bad</title><main><input></main></html>')
    expect(await axeViolations(page)).toMatchObject([{ rule: 'label', elements: [expect.stringContaining('input')] }])
    await page.setContent('<html lang="en"><title>Good</title><main><label>Name <input></label></main></html>')
    expect(await axeViolations(page)).toEqual([])
    await context.close()
  })

  it('is gone once it was stopped', async () => {
    const other = await openBrowser()
    await other.stop()
    expect(other.browser.isConnected()).toBe(false)
    expect(chromium().browser.isConnected()).toBe(true)
  })
})
