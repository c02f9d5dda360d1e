// For everybody: the keyboard alone, 320 pixels, dark, without motion, and no violation that axe finds.
import { axeViolations } from '@mcpvault/testkit/browser'
import { expect, it } from 'vitest'
import { openSecret, rowOf, toast, type World } from '../support/world.ts'

export function accessSuite(world: () => World): void {
  it('everything can be done by the keyboard alone', async () => {
    const user = world().newUser('keys')
    const scope = world().scope(user, 'github')
    await scope.set('first', 'x')
    await scope.set('second', 'x')
    const page = await world().open(user)
    await rowOf(page, 'first').waitFor()
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key)
    }
    const focused = (): Promise<string> =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      )

    await press('n')
    await page.getByRole('dialog').waitFor()
    await page.getByRole('dialog').getByLabel('Value', { exact: true }).focus()
    await page.keyboard.type('typed')
    await press('Tab', 'Tab', 'Tab')
    await page.keyboard.type('third')
    await press('Enter')
    await toast(page, 'third is stored').waitFor()
    expect((await scope.describe('third')) ?? (await world().scope(user, 'default').describe('third'))).toBeDefined()
    await press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })

    await press('/')
    expect(await focused()).toBe('Search secrets')
    await press('ArrowDown')
    expect(await focused()).toBe('third')
    await press('ArrowDown')
    expect(await focused()).toBe('first')
    await press('Enter')
    const drawer = page.locator('dialog.side')
    await drawer.getByRole('heading', { name: 'Settings' }).waitFor()
    for (let tab = 0; tab < 10 && (await focused()) !== 'Reveal'; tab++) await press('Tab')
    await press('Enter')
    await drawer.getByText('x', { exact: true }).waitFor()
    await press('Escape')
    await drawer.waitFor({ state: 'detached' })
    expect(await focused()).toBe('first')

    await press('?')
    await page.getByRole('dialog', { name: 'Help and keys' }).waitFor()
    await page.getByLabel('Single keys work').focus()
    await press('Space', 'Escape', 'n')
    expect(await page.locator('dialog').count()).toBe(0)
    await page.reload()
    await rowOf(page, 'first').waitFor()
    await press('n')
    expect(await page.locator('dialog').count()).toBe(0)
  })

  for (const [scheme, width] of [
    ['light', 1_200],
    ['dark', 1_200],
    ['light', 320],
    ['dark', 320],
  ] as const) {
    it(`axe finds nothing in ${scheme} at ${width} pixels, and nothing is cut off at the side`, async () => {
      const user = world().newUser('auditor-axe')
      const expectFine = async (what: string): Promise<void> => {
        expect([what, await axeViolations(page)]).toEqual([what, []])
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect([what, Math.max(0, overflow)]).toEqual([what, 0])
      }
      const page = await world().open(user, { scheme, width })
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await page.getByRole('heading', { name: 'No secrets yet' }).waitFor()
      await expectFine('first steps')
      const scope = world().scope(user, 'github')
      const soon = new Date(Date.now() + 3 * 86_400_000)
      await scope.set('token', 'x', { tags: ['ci', 'prod'], expiresAt: soon, description: 'what it is for' })
      await scope.set('token', 'second')
      await scope.set('idle', 'x', { tier: 1 })
      await scope.deactivate('idle')
      await scope.share('token', { with: 'bob', permission: 'write' })
      await page.reload()
      await rowOf(page, 'token').waitFor()
      await expectFine('list')
      await page.getByRole('button', { name: 'Add secret' }).click()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('The name must not be empty').waitFor()
      await page.getByText('More settings').click()
      await expectFine('add')
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('button', { name: 'Paste .env' }).click()
      await page.getByLabel('The text of the file').fill('NEW=1\ntoken=x\nEMPTY=')
      await page.getByRole('dialog').getByLabel('Server').fill('github')
      await page.getByRole('button', { name: 'Preview' }).click()
      await page.getByText('1 new, 1 changed').waitFor()
      await expectFine('import')
      await page.getByRole('button', { name: 'Close' }).click()
      await page.getByRole('button', { name: 'Discard it' }).click()
      const drawer = await openSecret(page, 'token')
      await drawer.getByRole('button', { name: 'Reveal' }).click()
      for (const section of ['version 2 is current', 'who may use it', 'what happened to it']) {
        await drawer.getByText(section).click()
      }
      await drawer.getByRole('button', { name: 'Compare version 1' }).click()
      await drawer.getByText('now 6 characters').waitFor()
      await drawer.getByRole('button', { name: 'Edit' }).click()
      await expectFine('drawer')
      await scope.update('token', { description: 'by somebody else' })
      await drawer.getByLabel('Description').fill('typed here')
      await drawer.getByRole('button', { name: 'Save', exact: true }).click()
      await drawer.getByText('Someone changed this secret meanwhile').waitFor()
      await drawer.getByRole('button', { name: 'Destroy' }).click()
      await page.getByRole('dialog', { name: 'Destroy permanently' }).waitFor()
      await expectFine('conflict and destroy')
      await page.keyboard.press('Escape')
      await drawer.getByRole('button', { name: 'Discard mine' }).click()
      await drawer.getByRole('button', { name: 'Close' }).click()
      // Keys belong to a dialog for as long as one is open.
      await drawer.waitFor({ state: 'detached' })
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Help and keys' }).waitFor()
      await expectFine('help')
      await page.keyboard.press('Escape')
      await page.getByRole('link', { name: 'Audit' }).click()
      await page.locator('table.events').waitFor()
      await page.getByRole('button', { name: 'Verify' }).click()
      await page.locator('.verdict .badge').waitFor()
      await expectFine('audit')
    })
  }
}
